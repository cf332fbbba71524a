/**
 * Editions of a run: every write raises the number, and a copy of an older edition is not written over a newer one. Two tabs that
 * hold the same run cannot undo each other's work.
 */
import { StorageError } from '../errors.ts';
import type { RunRecord, RunSummary } from './run.ts';

export const OVERTAKEN = 'run-overtaken';

/** A record as it lies in a store. */
export type StoredRun = RunRecord & { edition: number };

/**
 * The record to write over what is kept of its run. A kept name stays: it is changed by renaming alone, in whichever tab.
 *
 * @param kept undefined where nothing is
 * @throws StorageError `run-overtaken` where the kept one was written after `run` was read
 */
export function nextEdition(
	run: RunRecord,
	kept: Pick<RunSummary, 'name' | 'edition'> | undefined,
): StoredRun {
	const edition = run.edition ?? 0;
	if (kept !== undefined && (kept.edition ?? 0) !== edition) {
		throw new StorageError(`${run.name} was changed in another tab after this one had read it.`, {
			code: OVERTAKEN,
			hint: 'Open the newer one from the shelf.',
			context: { edition, kept: kept.edition ?? 0 },
		});
	}
	return { ...run, name: kept?.name ?? run.name, edition: edition + 1 };
}
