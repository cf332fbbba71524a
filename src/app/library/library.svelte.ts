/** Library: the runs stored in this browser, newest first, with their sizes. */
import { StorageError, toWire, type WireError } from '#core/errors.ts';
import type { RunStore } from '#core/ports.ts';
import type { RunRecord, RunSummary } from '#core/run/run.ts';
import type { RunLocks } from '../ports.ts';
import { runLocked } from '../run/runLocked.ts';

export class Library {
	readonly #store: RunStore;
	readonly #locks: RunLocks;
	/** Counts refreshes: if two overlap, the later one counts. */
	#refreshes = 0;

	runs: readonly RunSummary[] = $state.raw([]);
	/** Bytes used by this page, and the browser's quota if it reports one. */
	usage: { used: number; quota: number | null } | null = $state.raw(null);
	/** Why the library could not be read or changed, or a run not be opened; else null. */
	error: WireError | null = $state.raw(null);

	/** Runs that are active in any tab, including this one. */
	underWay: ReadonlySet<string> = $state.raw(new Set());

	constructor(store: RunStore, locks: RunLocks) {
		this.#store = store;
		this.#locks = locks;
	}

	/** The newest unfinished run that is not active in any tab, or null. */
	readonly unfinished: RunSummary | null = $derived(
		this.runs.find(({ id, phase }) => phase !== 'done' && phase !== 'idle' && !this.underWay.has(id)) ?? null,
	);

	/** Reads the list again. If the store fails, `error` says why, and the list stays. */
	async refresh(): Promise<void> {
		const mine = ++this.#refreshes;
		await this.#try(async () => {
			const underWay = await this.#locks.held();
			const runs = await this.#store.list();
			if (mine !== this.#refreshes) return;
			this.underWay = underWay;
			this.runs = runs.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
			this.usage = await this.#store.usage();
		});
	}

	/** A stored run with all its rows; null if it is gone or unreadable, with the reason in `error`. */
	async read(id: string): Promise<RunRecord | null> {
		let record: RunRecord | null = null;
		await this.#try(async () => {
			record = await this.#store.read(id);
			if (record === null) throw gone();
		});
		return record;
	}

	/** The same, to be opened: null also if the run is active in another tab. */
	async readToOpen(id: string): Promise<RunRecord | null> {
		const record = await this.read(id);
		if (record === null || !(await this.#locks.held()).has(id)) return record;
		this.error = toWire(runLocked(record.name));
		return null;
	}

	async rename(id: string, name: string): Promise<void> {
		const clean = name.trim();
		if (clean === '') return;
		await this.#try(() => this.#store.rename(id, clean));
		await this.refresh();
	}

	/** Deletes a stored run with its checkpoints. */
	async remove(id: string): Promise<void> {
		await this.#try(() => this.#store.remove(id));
		await this.refresh();
	}

	async #try(work: () => Promise<void>): Promise<void> {
		try {
			this.error = null;
			await work();
		} catch (error) {
			this.error = toWire(error);
		}
	}
}

function gone(): StorageError {
	return new StorageError('This run is no longer stored in this browser.', {
		code: 'run-gone',
		hint: 'It was deleted, perhaps in another tab.',
	});
}
