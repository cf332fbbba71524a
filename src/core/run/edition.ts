/**
 * Editions of a run: every write raises the number, and a copy of an older edition never overwrites a newer
 * one, so two tabs with the same run cannot undo each other's work. The edition also shows a deletion: a run that was written before
 * and is no longer stored was deleted, and only the user may store it again.
 */
import { StorageError } from '../errors.ts';
import type { RunRecord, RunSummary } from './run.ts';

export const OVERTAKEN = 'run-overtaken';
export const DELETED = 'run-deleted';

/** A record in the store. */
export type StoredRun = RunRecord & { edition: number };

/**
 * The record to store, with the stored name, because only a rename changes the name.
 *
 * @param kept the stored name and edition; undefined if the run is not stored
 * @throws StorageError `run-overtaken` if another write followed the read of `run` · `run-deleted`
 */
export function nextEdition(
	run: RunRecord,
	kept: Pick<RunSummary, 'name' | 'edition'> | undefined,
): StoredRun {
	const edition = run.edition ?? 0;
	if (kept === undefined && edition > 0) throw deletedRun(run.name);
	if (kept !== undefined && (kept.edition ?? 0) !== edition) {
		throw new StorageError(`${run.name} was changed in another tab after this one had read it.`, {
			code: OVERTAKEN,
			hint: 'Open the newer edition from the shelf.',
			context: { edition, kept: kept.edition ?? 0 },
		});
	}
	return { ...run, name: kept?.name ?? run.name, edition: edition + 1 };
}

/** The error of a run that is open and no longer stored. */
export function deletedRun(name: string): StorageError {
	return new StorageError(`${name} is no longer stored: another tab or the browser deleted it.`, {
		code: DELETED,
		hint: 'It is still open in this tab. Save it again or export it before you close the tab.',
	});
}
