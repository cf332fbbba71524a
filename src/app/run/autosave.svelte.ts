/**
 * Keeps one run in the store: one write at a time, and never over a newer write of another tab. If another tab wrote it, this tab's run
 * becomes a copy of its own, with its checkpoints, and the page can offer the newer one. If the run was deleted elsewhere, nothing is
 * written until the user asks for it.
 */
import { asAppError, toWire, type WireError } from '#core/errors.ts';
import { DELETED, deletedRun, OVERTAKEN } from '#core/run/edition.ts';
import type { RunRecord } from '#core/run/run.ts';
import type { AppPorts } from '../ports.ts';
import { PARENT_STEP } from './parent.ts';
import { WriteQueue } from './writeQueue.ts';

/** The run, as its autosave sees it. */
export interface AutosavedRun {
	id: () => string | null;
	/** With all current rows; null if the run is not stored. */
	record: () => RunRecord | null;
	/** Makes the run a copy under this id and name. */
	becomeCopy: (id: string, name: string) => void;
	/** Writes the checkpoints that are only in memory; all of those in memory if the store has none. */
	storeCheckpoints: (all: boolean) => Promise<void>;
}

export class Autosave {
	readonly #ports: Pick<AppPorts, 'store' | 'locks' | 'clock' | 'newId'>;
	readonly #run: AutosavedRun;
	readonly #queue: WriteQueue;
	#edition: number;
	#runUnsaved: WireError | null = $state.raw(null);
	#checkpointUnsaved: WireError | null = $state.raw(null);
	/** The copy whose writing failed, for the next try; else every try would leave a run behind. */
	#copyId: string | null = null;

	/** Why the run or its last checkpoint could not be written, or null. The run continues in memory. */
	readonly unsaved: WireError | null = $derived(this.#runUnsaved ?? this.#checkpointUnsaved);
	/** The run that another tab changed, if this one became a copy for it; else null. */
	overtakenBy: { id: string; name: string } | null = $state.raw(null);

	/** @param edition how often the run had been written when it was read; 0 if never */
	constructor(
		ports: Pick<AppPorts, 'store' | 'locks' | 'clock' | 'newId'>,
		run: AutosavedRun,
		edition: number,
	) {
		this.#ports = ports;
		this.#run = run;
		this.#edition = edition;
		this.#queue = new WriteQueue(ports.clock, () => this.#write());
	}

	/** How often the run was written, as far as this tab knows; 0 before the first time. */
	get edition(): number {
		return this.#edition;
	}

	/** Settles when the current state is written. Never throws; see `unsaved`. */
	save(): Promise<void> {
		return this.#queue.save();
	}

	/** True if the run was stored and is not any more. */
	get isDeleted(): boolean {
		return this.#runUnsaved?.code === DELETED;
	}

	/** Another tab deleted the run, so that a later write must not store it again. */
	markDeleted(name: string): void {
		if (this.#edition > 0) this.#runUnsaved = toWire(deletedRun(name));
	}

	/** Stores a deleted run again, with the checkpoints that are still in memory. */
	async saveAgain(): Promise<void> {
		if (!this.isDeleted) return;
		this.#edition = 0;
		this.#runUnsaved = null;
		await this.#saveWithCheckpoints(true);
	}

	/** Tries again if something could not be written: after a deletion of another run there is more space. */
	async retry(): Promise<void> {
		if (this.unsaved !== null && !this.isDeleted) await this.#saveWithCheckpoints(false);
	}

	/** The record before its checkpoints, and again after them, because it lists them. */
	async #saveWithCheckpoints(all: boolean): Promise<void> {
		await this.save();
		if (this.#runUnsaved !== null) return;
		try {
			await this.#run.storeCheckpoints(all);
			this.#checkpointUnsaved = null;
		} catch (error) {
			this.#checkpointUnsaved = toWire(error);
		}
		await this.save();
	}

	/** Writes if the last write is some time ago. */
	saveSometimes(): void {
		this.#queue.sometimes();
	}

	checkpointSaved(error: WireError | null): void {
		this.#checkpointUnsaved = error;
	}

	/** False if another tab wrote the run after this one had read it; this tab's run is a copy then. */
	async isNewest(): Promise<boolean> {
		if (this.#edition === 0) return true;
		const before = this.#run.id();
		await this.save();
		return this.#run.id() === before;
	}

	/** Renames the stored run. */
	async rename(name: string): Promise<void> {
		await this.save();
		const id = this.#run.id();
		if (id !== null) await this.#try(() => this.#ports.store.rename(id, name));
	}

	async #write(): Promise<void> {
		const record = this.#run.record();
		if (record === null || this.isDeleted) return;
		await this.#try(async () => {
			try {
				this.#edition = await this.#ports.store.write(record);
			} catch (error) {
				if (asAppError(error).code !== OVERTAKEN) throw error;
				await this.#writeCopy(record);
			}
		});
	}

	/** The record first: checkpoints without a record would take space that nothing gives back. */
	async #writeCopy(record: RunRecord): Promise<void> {
		const { store, newId, locks } = this.#ports;
		const id = (this.#copyId ??= newId());
		const copy = { ...record, id, name: `${record.name}, copy`, edition: 0, checkpoints: [] };
		const release = await locks.hold(id);
		try {
			const edition = await store.write(copy);
			const checkpoints = await this.#copyCheckpoints(record, id);
			this.#edition = await store.write({ ...copy, edition, checkpoints });
		} finally {
			release?.();
		}
		this.#copyId = null;
		this.#run.becomeCopy(copy.id, copy.name);
		this.overtakenBy = { id: record.id, name: record.name };
	}

	/** @returns the steps that were copied. A damaged checkpoint has no copy, and a full store keeps those copied so far. */
	async #copyCheckpoints(record: RunRecord, copyId: string): Promise<readonly number[]> {
		const { store } = this.#ports;
		const copied: number[] = [];
		try {
			// The adapter that the run begins from, then the latest first: training resumes from it.
			const parent = record.recipe.begin === undefined ? [] : [PARENT_STEP];
			for (const step of [...parent, ...record.checkpoints.toReversed()]) {
				const kept = await store.readCheckpoint(record.id, step).catch(ifDamaged);
				if (kept === null) continue;
				await store.writeCheckpoint(copyId, kept.adapter, kept.state);
				if (step !== PARENT_STEP) copied.unshift(step);
			}
			this.#checkpointUnsaved = null;
		} catch (error) {
			this.#checkpointUnsaved = toWire(error);
		}
		return copied;
	}

	async #try(work: () => Promise<void>): Promise<void> {
		try {
			await work();
			this.#runUnsaved = null;
		} catch (error) {
			this.#runUnsaved = toWire(error);
		}
	}
}

/** A damaged checkpoint counts as missing; any other failure is thrown. */
function ifDamaged(error: unknown): null {
	if (asAppError(error).kind === 'format') return null;
	throw error;
}
