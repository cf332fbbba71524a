/** Reads a set from this page's store. */
import * as v from 'valibot';
import { asAppError, FormatError, StorageError } from '../../errors.ts';
import { isMethodName, isRecord } from '../../format/record.ts';
import { type KeptSet, keptSetSchema, SET_SCHEMA } from './keptSet.ts';

/**
 * @param text JSON in the form of the version that wrote it
 * @param source the set's name, for the message
 * @throws FormatError `set-newer` · `set-damaged` with the first wrong field
 */
export function readStoredSet(text: string, source: string): KeptSet {
	const json = parsed(text, source);
	const form = isRecord(json) ? json['schema'] : undefined;
	if (typeof form === 'number' && form > SET_SCHEMA) throw newerSet(source, form);
	const { success, output, issues } = v.safeParse(keptSetSchema, json);
	if (!success)
		throw damagedSet(source, `${v.getDotPath(issues[0]) ?? 'its text'} is not usable (${issues[0].message})`);
	const seen = new Set<string>();
	const fault = output.pairs.findIndex(({ id }) => {
		const isOwn = id !== '' && !isMethodName(id) && !seen.has(id);
		seen.add(id);
		return !isOwn;
	});
	if (fault >= 0) throw damagedSet(source, `pairs.${fault}.id is not an id of its own`);
	return output;
}

function parsed(text: string, source: string): unknown {
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw damagedSet(source, asAppError(cause).message);
	}
}

function damagedSet(source: string, why: string): FormatError {
	return new FormatError(`The set “${source}” is damaged: ${why}.`, {
		code: 'set-damaged',
		hint: 'Export its stored text to keep it, then delete the set.',
	});
}

function newerSet(source: string, form: number): FormatError {
	return new FormatError(
		`The set “${source}” was written by a newer version: it has form ${form}, and this page reads form ${SET_SCHEMA}.`,
		{ code: 'set-newer', hint: 'Update this page, then use the set again.', context: { form } },
	);
}

/**
 * Two tabs with the same set must not undo each other's edits.
 *
 * @param stored `sha256` of the stored pairs; undefined if the set is not stored
 * @param before `sha256` that the writer read; null for a new set
 * @throws StorageError `set-overtaken` · `set-deleted`
 */
export function expectSameEdition(name: string, stored: string | undefined, before: string | null): void {
	if (before === null || stored === before) return;
	if (stored === undefined)
		throw new StorageError(`The set “${name}” is no longer stored: it was deleted, perhaps in another tab.`, {
			code: 'set-deleted',
			hint: 'Keep its pairs as a new set.',
		});
	throw new StorageError(`The set “${name}” was changed in another tab after this one had read it.`, {
		code: 'set-overtaken',
		hint: 'Close the set and open it again, then repeat your edit.',
	});
}
