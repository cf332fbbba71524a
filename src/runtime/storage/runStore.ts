/**
 * Runs kept on this machine: records and summaries in IndexedDB, checkpoints as blobs. A checkpoint's bytes are written before
 * the row that names them, so that a tab closed in between leaves no row without bytes.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { RunStore, TrainerState } from '#core/ports.ts';
import type { RunRecord, RunSummary } from '#core/run/run.ts';
import { type BlobPlace, blobPlace, type BlobStore, databaseBlobs, fileBlobs } from './blobs.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpointFile.ts';
import { type CheckpointRow, DATABASE_NAME, type Database, openDatabase } from './database.ts';
import { guarded } from './failure.ts';

export interface RunStoreOptions {
	/** Name of the database and of the folder beside it. */
	name?: string;
	/** Where checkpoints lie; by default what the browser offers. */
	blobs?: BlobPlace;
}

/** All keys of one run's checkpoints. */
function checkpointRange(runId: string): IDBKeyRange {
	return IDBKeyRange.bound([runId, -Infinity], [runId, Infinity]);
}

function greedyScore(run: RunRecord, which: 'first' | 'last'): number | null {
	const scored = run.heldOut.filter(({ mode, estimate }) => mode === 'greedy' && estimate.n > 0);
	const result =
		which === 'first' ? scored.find(({ step }) => step === 0) : scored.findLast(({ step }) => step > 0);
	return result?.estimate.score ?? null;
}

/** Items of a long list that are measured for its size. */
const SAMPLE = 16;

/**
 * About how large a value is as text. Long lists are measured by a sample: the page's thread has no time to write megabytes
 * only to count them.
 */
function estimateBytes(value: unknown): number {
	if (Array.isArray(value)) {
		const every = Math.max(1, Math.floor(value.length / SAMPLE));
		const sample = value.filter((_, i) => i % every === 0);
		const sum = sample.reduce<number>((total, item) => total + estimateBytes(item), 0);
		return 2 + (sum * value.length) / Math.max(1, sample.length);
	}
	if (typeof value !== 'object' || value === null) return String(value).length + 3;
	return Object.entries(value).reduce(
		(total, [key, item]) => total + key.length + 4 + estimateBytes(item),
		2,
	);
}

/** What the shelf shows of a run; `bytes` is about the record as text, checkpoints left out. */
export function summaryOf(run: RunRecord): RunSummary {
	const { id, name, createdAt, origin, phase, recipe, metrics } = run;
	return {
		id,
		name,
		createdAt,
		...(origin === undefined ? {} : { origin }),
		phase,
		recipe,
		step: metrics.at(-1)?.step ?? 0,
		before: greedyScore(run, 'first'),
		after: greedyScore(run, 'last'),
		bytes: Math.round(estimateBytes(run)),
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

	/** Opened at the first call, and again after the browser or another tab closed it, or after a failure. */
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

	async read(id: string): Promise<RunRecord | null> {
		return guarded('Reading the run', async () => (await (await this.#open()).get('runs', id)) ?? null);
	}

	async write(run: RunRecord): Promise<void> {
		await guarded('Saving the run', async () => {
			const transaction = (await this.#open()).transaction(['runs', 'summaries'], 'readwrite');
			await Promise.all([
				transaction.objectStore('runs').put(run),
				transaction.objectStore('summaries').put(summaryOf(run)),
				transaction.done,
			]);
		});
	}

	/** Renaming what is not there is no fault: another tab may have deleted it. */
	async rename(id: string, name: string): Promise<void> {
		await guarded('Renaming the run', async () => {
			const transaction = (await this.#open()).transaction(['runs', 'summaries'], 'readwrite');
			const run = await transaction.objectStore('runs').get(id);
			if (run !== undefined) {
				const renamed = { ...run, name };
				await transaction.objectStore('runs').put(renamed);
				await transaction.objectStore('summaries').put(summaryOf(renamed));
			}
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

	/** Lets go of the database; the next call opens it again. */
	async close(): Promise<void> {
		const open = this.#database;
		this.#database = null;
		(await open)?.close();
	}
}

/** The store of this page. Nothing is opened before the first call. */
export function openRunStore(options: RunStoreOptions = {}): RunStore {
	return new BrowserRunStore(options);
}
