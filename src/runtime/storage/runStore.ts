/**
 * Runs stored on this machine: records and summaries in IndexedDB, checkpoints as blobs. A checkpoint's bytes
 * are written before its row, so that closing the tab in between leaves no row without bytes; bytes without a row are
 * removed by `sweep`.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import { FormatError, StorageError } from '#core/errors.ts';
import { jsonInSlices } from '#core/format/jsonInSlices.ts';
import type { RunStore, StoredCheckpoint, StoreSurvey, TrainerState } from '#core/ports.ts';
import { nextEdition } from '#core/run/edition.ts';
import { readStoredRun } from '#core/run/migrations.ts';
import type { RunRecord } from '#core/run/run.ts';
import { type BlobPlace, blobPlace, type BlobStore, databaseBlobs, eitherBlobs, fileBlobs } from './blobs.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpointFile.ts';
import { type CheckpointRow, DATABASE_NAME, type Database } from './database.ts';
import { guarded } from './failure.ts';
import { LazyDatabase } from './lazyDatabase.ts';
import { Removals } from './removals.ts';
import { runLocks } from './runLocks.ts';
import { summaryOf } from './summary.ts';
import { surveyRuns, textOf } from './survey.ts';
import { sweepCheckpoints } from './sweep.ts';

export interface RunStoreOptions {
	/** Name of the database, and prefix of the checkpoint folder. */
	name?: string;
	/** Storage of checkpoints; by default the best that the browser offers. */
	blobs?: BlobPlace;
}

/** The folder of a store's checkpoints in the private file system. */
export function checkpointFolder(name: string = DATABASE_NAME): string {
	return `${name}-checkpoints`;
}

/** The keys of all checkpoints of one run. */
function checkpointRange(runId: string): IDBKeyRange {
	return IDBKeyRange.bound([runId, -Infinity], [runId, Infinity]);
}

export class BrowserRunStore implements RunStore {
	readonly #blobs: BlobStore;
	readonly #removals: Removals;
	readonly #database: LazyDatabase;

	constructor(options: RunStoreOptions = {}) {
		const name = options.name ?? DATABASE_NAME;
		this.#database = new LazyDatabase(name);
		this.#removals = new Removals(name);
		const place = options.blobs ?? blobPlace();
		const rows = databaseBlobs(() => this.#open());
		this.#blobs = place === 'files' ? eitherBlobs(fileBlobs(checkpointFolder(name)), rows) : rows;
	}

	#open(): Promise<Database> {
		return this.#database.open();
	}

	async survey(): Promise<StoreSurvey> {
		return guarded('Listing the saved runs', async () => {
			const runs = await surveyRuns(await this.#open());
			return { ...runs, quota: await quota() };
		});
	}

	/** Takes name and edition from the summary, because renaming a run does not rewrite its record. */
	async read(id: string): Promise<RunRecord | null> {
		return guarded('Reading the run', async () => {
			const transaction = (await this.#open()).transaction(['runs', 'summaries']);
			const [row, summary] = await Promise.all([
				transaction.objectStore('runs').get(id),
				transaction.objectStore('summaries').get(id),
			]);
			if (row === undefined || summary === undefined) return null;
			const { name, edition } = summary;
			const record = readStoredRun(textOf(row), name);
			return { ...record, id, name, ...(edition === undefined ? {} : { edition }) };
		});
	}

	async readText(id: string): Promise<string | null> {
		return guarded('Reading the run', async () => {
			const row: unknown = await (await this.#open()).get('runs', id);
			return row === undefined ? null : textOf(row);
		});
	}

	/** Checks and raises the edition in one transaction, so that no other tab can write in between. */
	async write(run: RunRecord): Promise<number> {
		return guarded('Saving the run', async () => {
			const database = await this.#open();
			const text = await jsonInSlices(run);
			const transaction = database.transaction(['runs', 'summaries'], 'readwrite');
			const next = nextEdition(run, await transaction.objectStore('summaries').get(run.id));
			await Promise.all([
				transaction.objectStore('runs').put({ id: run.id, text }),
				transaction.objectStore('summaries').put(summaryOf(next, text.length)),
				transaction.done,
			]);
			return next.edition;
		});
	}

	/** Ignores a missing run: another tab may have deleted it. */
	async rename(id: string, name: string): Promise<void> {
		await guarded('Renaming the run', async () => {
			const transaction = (await this.#open()).transaction('summaries', 'readwrite');
			const summary = await transaction.store.get(id);
			if (summary !== undefined) await transaction.store.put({ ...summary, name });
			await transaction.done;
		});
	}

	async remove(id: string): Promise<void> {
		await guarded('Deleting the run', async () => {
			const transaction = (await this.#open()).transaction(['runs', 'summaries', 'checkpoints'], 'readwrite');
			const checkpoints = transaction.objectStore('checkpoints');
			const rows = await checkpoints.getAll(checkpointRange(id));
			await Promise.all([
				transaction.objectStore('runs').delete(id),
				transaction.objectStore('summaries').delete(id),
				checkpoints.delete(checkpointRange(id)),
				transaction.done,
			]);
			this.#removals.announce(id);
			// The run is gone; bytes that stay are removed by `sweep`.
			await Promise.allSettled(rows.map(({ key }) => this.#blobs.remove(key)));
		});
	}

	onRemoved(listener: (id: string) => void): () => void {
		return this.#removals.listen(listener);
	}

	async writeCheckpoint(id: string, adapter: Adapter, state: TrainerState | null): Promise<void> {
		await guarded('Saving the checkpoint', async () => {
			const bytes = encodeCheckpoint({ adapter, state });
			const { step } = adapter;
			const row: CheckpointRow = { runId: id, step, key: `${id}.step-${step}`, bytes: bytes.length };
			await this.#blobs.write(row.key, bytes);
			if (await this.#addRow(row)) return;
			await this.#blobs.remove(row.key);
			throw notStored();
		});
	}

	/** One transaction with the check, so that no deletion happens in between. False if the run is not stored. */
	async #addRow(row: CheckpointRow): Promise<boolean> {
		const transaction = (await this.#open()).transaction(['runs', 'checkpoints'], 'readwrite');
		const isStored = (await transaction.objectStore('runs').getKey(row.runId)) !== undefined;
		if (isStored) await transaction.objectStore('checkpoints').put(row);
		await transaction.done;
		return isStored;
	}

	async readCheckpoint(id: string, step: number): Promise<StoredCheckpoint | null> {
		return guarded('Reading the checkpoint', async () => {
			const row = await (await this.#open()).get('checkpoints', [id, step]);
			if (row === undefined) return null;
			const source = `The checkpoint of step ${step}`;
			// The database answered, so a failure from here on concerns this checkpoint only.
			const bytes = await this.#blobs.read(row.key).catch((cause: unknown) => {
				throw unreadable(source, 'the browser cannot read its bytes', cause);
			});
			if (bytes === null) return null;
			const checkpoint = decodeCheckpoint(bytes, source);
			const found = checkpoint.adapter.step;
			if (found !== step) throw unreadable(source, `its file is of step ${found}`);
			return checkpoint;
		});
	}

	async sweep(): Promise<void> {
		await guarded('Deleting checkpoints without a run', async () => {
			await sweepCheckpoints(await this.#open(), this.#blobs, runLocks);
		});
	}

	/** Closes the database; the next call opens it again. Deletions are not announced after it. */
	async close(): Promise<void> {
		this.#removals.close();
		await this.#database.close();
	}
}

function notStored(): StorageError {
	return new StorageError('The checkpoint was not stored, because its run is not stored.', {
		code: 'run-not-stored',
		hint: 'It stays in memory. Export the run before you close the tab.',
	});
}

function unreadable(source: string, why: string, cause?: unknown): FormatError {
	return new FormatError(`${source} cannot be read: ${why}.`, {
		code: 'checkpoint-invalid',
		hint: 'Resume from an earlier checkpoint, or train again.',
		...(cause === undefined ? {} : { cause }),
	});
}

/** The browser's limit for this page in bytes; null if it reports none. */
async function quota(): Promise<number | null> {
	if (!('storage' in navigator)) return null;
	// Some browsers refuse the estimate to a page in a private window or a frame.
	const estimate = await navigator.storage.estimate().catch(() => null);
	return estimate?.quota ?? null;
}

/** The store of this page; opens the database at the first call. */
export function openRunStore(options: RunStoreOptions = {}): RunStore {
	return new BrowserRunStore(options);
}
