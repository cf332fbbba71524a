/**
 * Runs stored on this machine: records and summaries in IndexedDB, checkpoints as blobs. A checkpoint's bytes
 * are written before its row, so that closing the tab in between leaves no row without bytes.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { RunStore, TrainerState } from '#core/ports.ts';
import { nextEdition } from '#core/run/edition.ts';
import { readStoredRun } from '#core/run/migrations.ts';
import type { RunRecord, RunSummary } from '#core/run/run.ts';
import { type BlobPlace, blobPlace, type BlobStore, databaseBlobs, fileBlobs } from './blobs.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpointFile.ts';
import { type CheckpointRow, DATABASE_NAME, type Database, openDatabase } from './database.ts';
import { guarded } from './failure.ts';

export interface RunStoreOptions {
	/** Name of the database, and prefix of the checkpoint folder. */
	name?: string;
	/** Storage of checkpoints; by default the best that the browser offers. */
	blobs?: BlobPlace;
}

/** The keys of all checkpoints of one run. */
function checkpointRange(runId: string): IDBKeyRange {
	return IDBKeyRange.bound([runId, -Infinity], [runId, Infinity]);
}

function greedyScore(run: RunRecord, which: 'first' | 'last'): number | null {
	const scored = run.heldOut.filter(({ mode, estimate }) => mode === 'greedy' && estimate.n > 0);
	const result =
		which === 'first' ? scored.find(({ step }) => step === 0) : scored.findLast(({ step }) => step > 0);
	return result?.estimate.score ?? null;
}

/** @param bytes approximate size of the record without checkpoints */
function summaryOf(run: RunRecord, bytes: number): RunSummary {
	const { id, edition, name, createdAt, origin, phase, recipe, metrics } = run;
	return {
		id,
		...(edition === undefined ? {} : { edition }),
		name,
		createdAt,
		...(origin === undefined ? {} : { origin }),
		phase,
		recipe,
		step: metrics.at(-1)?.step ?? 0,
		before: greedyScore(run, 'first'),
		after: greedyScore(run, 'last'),
		bytes,
	};
}

export class BrowserRunStore implements RunStore {
	readonly #name: string;
	readonly #blobs: BlobStore;
	#database: Promise<Database> | null = null;

	constructor(options: RunStoreOptions = {}) {
		this.#name = options.name ?? DATABASE_NAME;
		const place = options.blobs ?? blobPlace();
		this.#blobs =
			place === 'files' ? fileBlobs(`${this.#name}-checkpoints`) : databaseBlobs(() => this.#open());
	}

	/** Opens the database at the first call, and again after a failure or after it was closed elsewhere. */
	#open(): Promise<Database> {
		const forget = (): void => {
			this.#database = null;
		};
		this.#database ??= openDatabase(this.#name, forget).catch((error: unknown) => {
			forget();
			throw error;
		});
		return this.#database;
	}

	async list(): Promise<readonly RunSummary[]> {
		return guarded('Listing the saved runs', async () => {
			const transaction = (await this.#open()).transaction(['summaries', 'checkpoints']);
			const [summaries, checkpoints] = await Promise.all([
				transaction.objectStore('summaries').getAll(),
				transaction.objectStore('checkpoints').getAll(),
			]);
			const bytesOf = (id: string): number =>
				checkpoints.reduce((sum, { runId, bytes }) => sum + (runId === id ? bytes : 0), 0);
			return summaries.map((summary) => ({ ...summary, bytes: summary.bytes + bytesOf(summary.id) }));
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
			const record = readStoredRun(row.text, summary.name);
			return { ...record, name, ...(edition === undefined ? {} : { edition }) };
		});
	}

	/** Checks and raises the edition in one transaction, so that no other tab can write in between. */
	async write(run: RunRecord): Promise<number> {
		return guarded('Saving the run', async () => {
			const database = await this.#open();
			const text = JSON.stringify(run);
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
			const database = await this.#open();
			const rows = await database.getAll('checkpoints', checkpointRange(id));
			const transaction = database.transaction(['runs', 'summaries', 'checkpoints'], 'readwrite');
			await Promise.all([
				transaction.objectStore('runs').delete(id),
				transaction.objectStore('summaries').delete(id),
				transaction.objectStore('checkpoints').delete(checkpointRange(id)),
				transaction.done,
			]);
			await Promise.all(rows.map(({ key }) => this.#blobs.remove(key)));
		});
	}

	async writeCheckpoint(id: string, adapter: Adapter, state: TrainerState | null): Promise<void> {
		await guarded('Saving the checkpoint', async () => {
			const bytes = encodeCheckpoint({ adapter, state });
			const row: CheckpointRow = {
				runId: id,
				step: adapter.step,
				key: `${id}.step-${adapter.step}`,
				bytes: bytes.length,
			};
			await this.#blobs.write(row.key, bytes);
			await (await this.#open()).put('checkpoints', row);
		});
	}

	async readCheckpoint(
		id: string,
		step: number,
	): Promise<{ adapter: Adapter; state: TrainerState | null } | null> {
		return guarded('Reading the checkpoint', async () => {
			const row = await (await this.#open()).get('checkpoints', [id, step]);
			const bytes = row === undefined ? null : await this.#blobs.read(row.key);
			return bytes === null ? null : decodeCheckpoint(bytes);
		});
	}

	async usage(): Promise<{ used: number; quota: number | null }> {
		const runs = await this.list();
		const used = runs.reduce((sum, { bytes }) => sum + bytes, 0);
		const quota = 'storage' in navigator ? (await navigator.storage.estimate()).quota : undefined;
		return { used, quota: quota ?? null };
	}

	/** Closes the database; the next call opens it again. */
	async close(): Promise<void> {
		const open = this.#database;
		this.#database = null;
		(await open)?.close();
	}
}

/** The store of this page; opens the database at the first call. */
export function openRunStore(options: RunStoreOptions = {}): RunStore {
	return new BrowserRunStore(options);
}
