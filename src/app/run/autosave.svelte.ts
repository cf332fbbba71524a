/**
 * Keeps the run on the bench in the store: one write at a time, and never over what another tab wrote since. Where one did, this
 * tab's run becomes a copy of its own, with its checkpoints, and the page can offer the newer one.
 */
import { asAppError, toWire, type WireError } from '#core/errors.ts';
import { OVERTAKEN } from '#core/run/edition.ts';
import type { RunRecord } from '#core/run/run.ts';
import type { AppPorts } from '../ports.ts';
import { WriteQueue } from './writeQueue.ts';

/** The run on the bench, as its keeper sees it. */
export interface AutosavedRun {
	id: () => string | null;
	/** As it stands now, with all rows. */
	record: () => RunRecord | null;
	/** It is a copy from now on, under this id and name. */
	becomeCopy: (id: string, name: string) => void;
}

export class Autosave {
	readonly #ports: Pick<AppPorts, 'store' | 'clock' | 'newId'>;
	readonly #bench: AutosavedRun;
	readonly #saver: WriteQueue;
	#runUnsaved: WireError | null = $state.raw(null);
	#checkpointUnsaved: WireError | null = $state.raw(null);

	/** How often the run on the bench was written, as far as this tab knows; 0 before the first time. */
	edition = 0;
	/** Why the run or its last checkpoint could not be written; null while they can. It goes on in memory. */
	readonly unsaved: WireError | null = $derived(this.#runUnsaved ?? this.#checkpointUnsaved);
	/** The run that another tab wrote meanwhile, where the bench holds a copy of what it was before; else null. */
	overtakenBy: { id: string; name: string } | null = $state.raw(null);

	constructor(ports: Pick<AppPorts, 'store' | 'clock' | 'newId'>, bench: AutosavedRun) {
		this.#ports = ports;
		this.#bench = bench;
		this.#saver = new WriteQueue(ports.clock, () => this.#write());
	}

	/** Another run is on the bench. */
	take(edition: number): void {
		this.edition = edition;
		this.overtakenBy = null;
		this.#checkpointUnsaved = null;
	}

	/** Settles once the run is written as it stands now. Never throws; see `unsaved`. */
	save(): Promise<void> {
		return this.#saver.save();
	}

	/** Writes if the last write is a while ago. */
	saveSometimes(): void {
		this.#saver.sometimes();
	}

	checkpointSaved(error: WireError | null): void {
		this.#checkpointUnsaved = error;
	}

	/** False where another tab wrote the run after this one had read it; what this one holds is a copy then. */
	async isNewest(): Promise<boolean> {
		if (this.edition === 0) return true;
		const before = this.#bench.id();
		await this.save();
		return this.#bench.id() === before;
	}

	/** Gives the kept run another name. */
	async rename(name: string): Promise<void> {
		await this.save();
		const id = this.#bench.id();
		if (id !== null) await this.#try(() => this.#ports.store.rename(id, name));
	}

	async #write(): Promise<void> {
		const record = this.#bench.record();
		if (record === null) return;
		await this.#try(async () => {
			try {
				this.#wrote(record, await this.#ports.store.write(record));
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
		const edition = await store.write(copy);
		if (this.#bench.id() !== record.id) return;
		this.#bench.becomeCopy(copy.id, copy.name);
		this.#wrote(copy, edition);
		this.overtakenBy = { id: record.id, name: record.name };
	}

	/** Meanwhile another run may lie on the bench. */
	#wrote({ id }: RunRecord, edition: number): void {
		if (this.#bench.id() === id) this.edition = edition;
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
