/** Library: the runs stored in this browser, newest first, with their sizes. A damaged run hides none of the others. */
import { asAppError, StorageError, toWire, type WireError } from '#core/errors.ts';
import type { RunStore } from '#core/ports.ts';
import type { DamagedRun, RunRecord, RunSummary } from '#core/run/run.ts';
import type { RunLocks } from '../ports.ts';
import { cleanName } from '#core/text/name.ts';
import { Latest } from '../latest.ts';
import { runLocked } from '../run/runLocked.ts';

export class Library {
	readonly #store: RunStore;
	readonly #locks: RunLocks;
	/** If two refreshes overlap, the later one counts. */
	readonly #refreshes = new Latest();
	/** Why the last refresh failed, or null. */
	#refreshError: WireError | null = null;

	runs: readonly RunSummary[] = $state.raw([]);
	/** Stored runs that cannot be read, each with its reason. */
	damaged: readonly DamagedRun[] = $state.raw([]);
	/** By run: why its record could not be read, although it could be listed. */
	readonly #unreadable = new Map<string, string>();
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

	/** The newest unfinished run that is not active in any tab and belongs to no grid, which continues its own; or null. */
	readonly unfinished: RunSummary | null = $derived(
		this.runs.find(
			({ id, phase, grid }) =>
				grid === undefined && phase !== 'done' && phase !== 'idle' && !this.underWay.has(id),
		) ?? null,
	);

	/** Names of the listed runs. */
	get names(): ReadonlySet<string> {
		return new Set(this.runs.map(({ name }) => name));
	}

	/** Removes checkpoints without a run, then reads the list. Never throws. */
	async start(): Promise<void> {
		// The next visit sweeps again; the list does not need it.
		await this.#store.sweep().catch(() => undefined);
		await this.refresh();
	}

	/** Reads the list again. If the store fails, `error` says why, and the list stays. The error of another action stays too. */
	async refresh(): Promise<void> {
		const isLatest = this.#refreshes.begin();
		if (this.error === this.#refreshError) this.error = null;
		this.#refreshError = null;
		try {
			const underWay = await this.#locks.held();
			const { runs: listed, damaged, quota } = await this.#store.survey();
			if (!isLatest()) return;
			this.underWay = underWay;
			this.runs = listed
				.filter(({ id }) => !this.#unreadable.has(id))
				.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
			this.damaged = [...damaged, ...listed.flatMap((run) => this.#damageOf(run))];
			this.usage = { used: listed.reduce((sum, { bytes }) => sum + bytes, 0), quota };
		} catch (error) {
			if (isLatest()) this.error = this.#refreshError = toWire(error);
		}
	}

	#damageOf({ id, name, bytes }: RunSummary): readonly DamagedRun[] {
		const reason = this.#unreadable.get(id);
		return reason === undefined ? [] : [{ id, name, reason, bytes }];
	}

	/** The newest finished run that was made here and can be read; null if there is none. */
	async newestFinished(): Promise<RunRecord | null> {
		const finished = this.runs.filter(({ phase, origin }) => phase === 'done' && origin === undefined);
		for (const { id } of finished) {
			const record = await this.#readOrMark(id).catch(() => null);
			if (record !== null) return record;
		}
		return null;
	}

	/** A stored run with all its rows; null if it is gone or unreadable, with the reason in `error`. */
	async read(id: string): Promise<RunRecord | null> {
		let record: RunRecord | null = null;
		await this.#try(async () => {
			record = await this.#readOrMark(id);
			if (record === null) throw gone();
		});
		return record;
	}

	/** A run that cannot be read is listed as damaged from then on. */
	async #readOrMark(id: string): Promise<RunRecord | null> {
		try {
			return await this.#store.read(id);
		} catch (thrown) {
			const { kind, message } = asAppError(thrown);
			if (kind === 'storage') throw thrown;
			this.#unreadable.set(id, message);
			const run = this.runs.find((one) => one.id === id);
			this.runs = this.runs.filter((one) => one !== run);
			if (run !== undefined) this.damaged = [...this.damaged, ...this.#damageOf(run)];
			throw thrown;
		}
	}

	/** The stored text of a run, also of a damaged one; null if the store cannot read it, with the reason in `error`. */
	async readText(id: string): Promise<string | null> {
		let text: string | null = null;
		await this.#try(async () => {
			text = await this.#store.readText(id);
			if (text === null) throw gone();
		});
		return text;
	}

	/** The same, to be opened: null also if the run is active in another tab. */
	async readToOpen(id: string): Promise<RunRecord | null> {
		const record = await this.read(id);
		if (record === null || !(await this.#locks.held()).has(id)) return record;
		this.error = toWire(runLocked(record.name));
		return null;
	}

	async rename(id: string, name: string): Promise<void> {
		const clean = cleanName(name);
		if (clean === '') return;
		await this.#try(() => this.#store.rename(id, clean));
		await this.refresh();
	}

	/** Deletes a stored run with its checkpoints, unless a tab works on it. */
	async remove(id: string): Promise<void> {
		await this.#try(async () => {
			if ((await this.#locks.held()).has(id)) throw runLocked(this.#nameOf(id));
			await this.#store.remove(id);
		});
		await this.refresh();
	}

	#nameOf(id: string): string {
		return [...this.runs, ...this.damaged].find((run) => run.id === id)?.name ?? 'The run';
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
