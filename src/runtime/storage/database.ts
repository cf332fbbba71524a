/** The page's IndexedDB database and its schema. Every change of the schema is a step in `upgrade`. */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from 'idb';
import { StorageError } from '#core/errors.ts';
import type { SetSummary } from '#core/pair/set/keptSet.ts';
import type { RunSummary } from '#core/run/run.ts';
import { NOT_STORED } from './failure.ts';

export const DATABASE_NAME = 'anchorage';
const VERSION = 4;
/** Milliseconds until an open request counts as failed: some browsers lose the first request of a visit. */
const PATIENCE = 10_000;

/**
 * A run's record as text. The page's thread writes it after every phase; for a long run, JSON takes a sixth
 * of the time of cloning a hundred thousand small objects.
 */
export interface RunRow {
	id: string;
	/** JSON of a RunRecord in the form of the version that wrote it. */
	text: string;
}

/** A kept set of pairs, as text for the same reason. */
export interface SetRow {
	id: string;
	/** JSON of a KeptSet. */
	text: string;
}

/** A grid of runs. */
export interface GridRow {
	id: string;
	/** JSON of a StoredGrid. */
	text: string;
	edition: number;
}

/** The outcome of a run of a grid. */
export interface GridOutcomeRow {
	gridId: string;
	/** Key of the run in the grid. */
	run: string;
	/** JSON of a RunOutcome. */
	text: string;
}

/** Place of a checkpoint; its bytes are in a blob store under `key`. */
export interface CheckpointRow {
	runId: string;
	step: number;
	key: string;
	bytes: number;
}

export interface AnchorageSchema extends DBSchema {
	runs: { key: string; value: RunRow };
	/** Rows of the shelf, so that listing runs reads no records. `bytes` counts only the record's text. */
	summaries: { key: string; value: RunSummary };
	checkpoints: { key: [runId: string, step: number]; value: CheckpointRow };
	/** Bytes of checkpoints, if there is no file system. */
	blobs: { key: string; value: ArrayBuffer };
	sets: { key: string; value: SetRow };
	/** Rows of the shelf. The name here counts, because a rename does not write the pairs again. */
	setSummaries: { key: string; value: SetSummary };
	grids: { key: string; value: GridRow };
	/** One row per run of a grid that has ended, so that a grid of hundreds of runs is not written again after each. */
	gridOutcomes: { key: [gridId: string, run: string]; value: GridOutcomeRow };
}

export type Database = IDBPDatabase<AnchorageSchema>;

type Upgrade = IDBPTransaction<AnchorageSchema, StoreNames<AnchorageSchema>[], 'versionchange'>;

function upgrade(database: Database, from: number, transaction: Upgrade): void {
	if (from < 1) {
		database.createObjectStore('runs', { keyPath: 'id' });
		database.createObjectStore('summaries', { keyPath: 'id' });
		database.createObjectStore('checkpoints', { keyPath: ['runId', 'step'] });
		database.createObjectStore('blobs');
	} else if (from < 2) {
		// A failure aborts the transaction, and `openDatabase` reports it.
		void recordsAsText(transaction).catch(() => undefined);
	}
	if (from < 3) {
		database.createObjectStore('sets', { keyPath: 'id' });
		database.createObjectStore('setSummaries', { keyPath: 'id' });
	}
	if (from < 4) {
		database.createObjectStore('grids', { keyPath: 'id' });
		database.createObjectStore('gridOutcomes', { keyPath: ['gridId', 'run'] });
	}
}

/** Version 1 stored the records as objects. */
async function recordsAsText(transaction: Upgrade): Promise<void> {
	for await (const cursor of transaction.objectStore('runs')) {
		const record: unknown = cursor.value;
		await cursor.update({ id: cursor.value.id, text: JSON.stringify(record) });
	}
}

/**
 * Opens the database, creating it in the first visit.
 *
 * @param onClosed called when the browser closes the database, or when another tab needs a newer version; the
 *   next use must open it again
 * @throws StorageError `storage-blocked` if an old tab blocks the upgrade · `storage-unavailable` · `storage-silent`;
 *   DOMExceptions of the browser
 */
export async function openDatabase(name: string, onClosed: () => void): Promise<Database> {
	if ((globalThis as { indexedDB?: IDBFactory }).indexedDB === undefined) throw noDatabase();
	return new Promise((resolve, reject) => {
		const timer = setTimeout(() => reject(silent()), PATIENCE);
		openDB<AnchorageSchema>(name, VERSION, {
			upgrade: (database, from, _to, transaction) => upgrade(database, from, transaction),
			blocked: () => reject(blocked()),
			blocking: (_current, _blocked, event) => {
				(event.target as IDBDatabase).close();
				onClosed();
			},
			terminated: onClosed,
		})
			.then(resolve, reject)
			.finally(() => clearTimeout(timer));
	});
}

function blocked(): StorageError {
	return new StorageError('Opening the saved runs failed: another tab of this page holds an older version.', {
		code: 'storage-blocked',
		hint: 'Close the other tabs of this page and try again.',
	});
}

function noDatabase(): StorageError {
	return new StorageError('The browser gives this page no database.', {
		code: 'storage-unavailable',
		hint: NOT_STORED,
	});
}

function silent(): StorageError {
	return new StorageError(`The browser’s database did not answer within ${PATIENCE / 1000} seconds.`, {
		code: 'storage-silent',
		hint: 'Reload the page; if it happens again, restart the browser. The run continues in memory meanwhile.',
	});
}
