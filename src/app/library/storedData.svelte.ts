/** Everything that this page stores in the browser: its protection and sizes, and its export and deletion as a whole. */
import { AppError, asAppError, toWire, type WireError } from '#core/errors.ts';
import type { ExportedFile } from '#core/exchange/export.ts';
import { exportEverything } from '#core/exchange/everything.ts';
import type { AppPorts, StoredPart, StoredPartId } from '../ports.ts';
import type { Library } from './library.svelte.ts';
import type { PairSets } from './pairSets.svelte.ts';

type StoredDataPorts = Pick<AppPorts, 'store' | 'sets' | 'grids' | 'storage' | 'locks' | 'clock'>;

export class StoredData {
	readonly #ports: StoredDataPorts;
	readonly #library: Library;
	readonly #sets: PairSets;

	/** True if the browser keeps the data until the user deletes it; null if unknown. */
	persisted: boolean | null = $state(null);
	/** Stored data beside the runs. */
	parts: readonly StoredPart[] = $state.raw([]);
	working: 'exporting' | 'deleting' | null = $state(null);
	/** Why the data could not be measured, exported or deleted; else null. */
	error: WireError | null = $state.raw(null);
	/** Runs and checkpoints that the last export lacks, a sentence each. */
	leftOut: readonly string[] = $state.raw([]);
	/** Storage that the browser refused and a worker went on without, or null. */
	refused: WireError | null = $state.raw(null);

	/** Bytes of all parts, the runs and the sets of pairs. */
	readonly bytes: number = $derived.by(
		() =>
			this.parts.reduce((sum, part) => sum + part.bytes, 0) +
			(this.#library.usage?.used ?? 0) +
			this.#sets.bytes,
	);

	constructor(ports: StoredDataPorts, library: Library, sets: PairSets) {
		this.#ports = ports;
		this.#library = library;
		this.#sets = sets;
		let isTold = false;
		ports.storage.onRefusal((error) => {
			if (!isTold) this.refused = error;
			isTold = true;
		});
	}

	/** Before a run is stored: asks the browser not to delete it by itself. Not awaited, because some browsers ask the user. */
	protect(): void {
		if (this.persisted !== true)
			void this.#ports.storage.persist().then(
				(answer) => void (this.persisted = answer),
				() => undefined,
			);
	}

	dismissRefusal(): void {
		this.refused = null;
	}

	/** Measures all parts. Never throws. */
	async refresh(): Promise<void> {
		const { storage } = this.#ports;
		await this.#try(null, async () => {
			this.persisted = await storage.persisted();
			this.parts = await storage.parts();
		});
	}

	/** One file with all runs, sets of pairs and settings; null if it failed, and `error` says why. */
	async exportAll(): Promise<ExportedFile | null> {
		let file: ExportedFile | null = null;
		await this.#try('exporting', async () => {
			const { store, sets: setStore, grids, storage, clock } = this.#ports;
			await this.#library.refresh();
			const { runs, damaged } = this.#library;
			const settings = await storage.settings();
			const sets = await setStore.survey();
			const all = { runs, damaged, sets, settings, store, setStore, grids, date: clock.date() };
			const made = await exportEverything(all);
			this.leftOut = made.leftOut;
			file = made.file;
		});
		return file;
	}

	/** Deletes one part, such as the model files. */
	async remove(id: StoredPartId): Promise<void> {
		await this.#try('deleting', () => this.#ports.storage.remove(id));
		await this.#refreshKeepingError();
	}

	/** Deletes all runs, all grids, all sets of pairs and every other part, unless a tab works on a run. One part that fails does not keep the others. */
	async removeAll(): Promise<void> {
		await this.#try('deleting', async () => {
			const { store, sets, grids, storage, locks } = this.#ports;
			if ((await locks.held()).size > 0) throw isWorking();
			await this.#library.refresh();
			const failures: AppError[] = [];
			const attempt = (work: Promise<void>): Promise<void> =>
				work.catch((error: unknown) => void failures.push(asAppError(error)));
			for (const { id } of [...this.#library.runs, ...this.#library.damaged]) await attempt(store.remove(id));
			await attempt(store.sweep());
			const stored = await sets.survey();
			for (const { id } of [...stored.sets, ...stored.damaged]) await attempt(sets.remove(id));
			const survey = await grids.survey();
			for (const { id } of [...survey.grids, ...survey.damaged]) await attempt(grids.remove(id));
			for (const { id } of await storage.parts()) await attempt(storage.remove(id));
			if (failures[0] !== undefined) throw failures[0];
		});
		await this.#refreshKeepingError();
	}

	async #refreshKeepingError(): Promise<void> {
		const { error } = this;
		await this.#library.refresh();
		await this.#sets.refresh();
		await this.refresh();
		this.error ??= error;
	}

	async #try(working: typeof this.working, work: () => Promise<void>): Promise<void> {
		this.error = null;
		this.working = working;
		try {
			await work();
		} catch (error) {
			this.error = toWire(error);
		} finally {
			this.working = null;
		}
	}
}

function isWorking(): AppError {
	return new AppError('A run is active, here or in another tab.', {
		code: 'run-active',
		hint: 'Stop it or wait until it is done, then delete everything.',
	});
}
