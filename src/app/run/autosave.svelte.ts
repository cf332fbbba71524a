/**
 * Keeps one run in the store: one write at a time, and never over a newer write of another tab. If another tab wrote it, this tab's run
 * becomes a copy of its own, with its checkpoints, and the page can offer the newer one.
 */
import { asAppError, toWire, type WireError } from '#core/errors.ts';
import { OVERTAKEN } from '#core/run/edition.ts';
import type { RunRecord } from '#core/run/run.ts';
import type { AppPorts } from '../ports.ts';
import { WriteQueue } from './writeQueue.ts';

/** The run, as its autosave sees it. */
export interface AutosavedRun {
	id: () => string | null;
	/** With all current rows; null if the run is not stored. */
	record: () => RunRecord | null;
	/** Makes the run a copy under this id and name. */
	becomeCopy: (id: string, name: string) => void;
}

export class Autosave {
	readonly #ports: Pick<AppPorts, 'store' | 'clock' | 'newId'>;
	readonly #run: AutosavedRun;
	readonly #queue: WriteQueue;
	#edition: number;
	#runUnsaved: WireError | null = $state.raw(null);
	#checkpointUnsaved: WireError | null = $state.raw(null);

	/** Why the run or its last checkpoint could not be written, or null. The run continues in memory. */
	readonly unsaved: WireError | null = $derived(this.#runUnsaved ?? this.#checkpointUnsaved);
	/** The run that another tab changed, if this one became a copy for it; else null. */
	overtakenBy: { id: string; name: string } | null = $state.raw(null);

	/** @param edition how often the run had been written when it was read; 0 if never */
	constructor(ports: Pick<AppPorts, 'store' | 'clock' | 'newId'>, run: AutosavedRun, edition: number) {
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

	/** Writes if the last write is some seconds ago. */
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
		if (record === null) return;
		await this.#try(async () => {
			try {
				this.#edition = await this.#ports.store.write(record);
			} catch (error) {
				if (asAppError(error).code !== OVERTAKEN) throw error;
				await this.#writeCopy(record);
			}
		});
	}

	async #writeCopy(record: RunRecord): Promise<void> {
		const { store, newId } = this.#ports;
		const copy = { ...record, id: newId(), name: `${record.name}, copy`, edition: 0 };
		for (const step of record.checkpoints) {
			const kept = await store.readCheckpoint(record.id, step);
			if (kept !== null) await store.writeCheckpoint(copy.id, kept.adapter, kept.state);
		}
		this.#edition = await store.write(copy);
		this.#run.becomeCopy(copy.id, copy.name);
		this.overtakenBy = { id: record.id, name: record.name };
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
