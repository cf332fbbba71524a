/**
 * Migrates stored runs of earlier forms: one pure step per form, each in its own file of `migrations/`. The
 * steps check nothing. A value that a step does not understand stays unchanged; if the run comes from a file,
 * the schema then refuses the value with its path.
 */
import * as v from 'valibot';
import { asAppError, FormatError } from '../errors.ts';
import { expectObjective } from '../loss/objectives/forSettings.ts';
import { methodOf } from '../pair/methods/registry.ts';
import { type Fields, isRecord } from '../format/record.ts';
import { toForm2 } from './migrations/form2.ts';
import { RUN_SCHEMA, type RunRecord, runRecordSchema } from './run.ts';

export { ownPairId } from './migrations/form2.ts';

/** Step n makes a record of form n + 2 from one of form n + 1. */
const STEPS: readonly ((record: Fields) => Fields)[] = [toForm2];

/**
 * Migrates a record to the current form.
 *
 * @param stored parsed JSON; a value that is no record is returned unchanged
 * @param source name of the file or run, for the message
 * @throws FormatError `run-newer` if a newer version of this page wrote it
 */
export function migrateRun(stored: unknown, source: string): unknown {
	if (!isRecord(stored)) return stored;
	const form = stored['schema'];
	if (typeof form !== 'number') return stored;
	if (form > RUN_SCHEMA) throw newerForm(source, form);
	return STEPS.slice(form - 1).reduce((record, step) => step(record), stored);
}

/**
 * Reads and checks a record from this page's store.
 *
 * @param text JSON in the form of the version that wrote it
 * @param source the run's name, for the message
 * @throws FormatError `run-newer` · `run-damaged` with the first wrong field · AppError `unknown-method` · `unknown-objective`
 */
export function readStoredRun(text: string, source: string): RunRecord {
	const record = migrateRun(parsed(text, source), source);
	refuseUnknownParts(record);
	const { success, output, issues } = v.safeParse(runRecordSchema, record);
	if (success) return output;
	throw damagedRun(source, `${v.getDotPath(issues[0]) ?? 'the record'} is not usable (${issues[0].message})`);
}

function parsed(text: string, source: string): unknown {
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw damagedRun(source, asAppError(cause).message);
	}
}

/** Before the schema, because these messages list the known methods and objectives. */
function refuseUnknownParts(record: unknown): void {
	const recipe = isRecord(record) ? record['recipe'] : null;
	if (!isRecord(recipe)) return;
	const { pairs, objective } = recipe;
	if (isRecord(pairs) && typeof pairs['method'] === 'string') methodOf(pairs['method']);
	if (isRecord(objective) && typeof objective['id'] === 'string') expectObjective(objective['id']);
}

function damagedRun(source: string, why: string): FormatError {
	return new FormatError(`${source} is damaged: ${why}.`, {
		code: 'run-damaged',
		hint: 'Export the stored record to keep its text, then delete the run.',
	});
}

export function newerForm(source: string, form: number): FormatError {
	return new FormatError(
		`${source} was written by a newer version: it has form ${form}, and this page reads form ${RUN_SCHEMA}.`,
		{ code: 'run-newer', hint: 'Update this page, then open it again.', context: { form } },
	);
}
