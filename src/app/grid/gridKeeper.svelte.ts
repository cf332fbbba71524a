/** Keeps one grid in the store: one write at a time, and each outcome once. A refused write stays in memory and is repeated with the next one. */
import { asAppError, toWire, type WireError } from '#core/errors.ts';
import type { RunOutcome } from '#core/grid/outcome.ts';
import { STORED_GRID_SCHEMA, type StoredGrid } from '#core/grid/stored.ts';
import type { AppPorts } from '../ports.ts';
import { WriteQueue } from '../run/writeQueue.ts';

/** Without the fields that the keeper itself counts. */
export type GridFacts = Omit<StoredGrid, 'schema' | 'edition' | 'changedAt'>;

export class GridKeeper {
	readonly #ports: Pick<AppPorts, 'grids' | 'clock'>;
	readonly #facts: () => GridFacts;
	readonly #queue: WriteQueue;
	/** Outcomes that are not stored, by key. */
	readonly #outcomes = new Map<string, RunOutcome>();
	#edition: number;

	/** Why the grid or an outcome could not be written, or null. The grid continues in memory. */
	unsaved: WireError | null = $state.raw(null);

	/** @param edition of the grid when it was read; 0 for a new one */
	constructor(ports: Pick<AppPorts, 'grids' | 'clock'>, facts: () => GridFacts, edition: number) {
		this.#ports = ports;
		this.#facts = facts;
		this.#edition = edition;
		this.#queue = new WriteQueue(ports.clock, () => this.#write());
	}

	/** Settles when the current state is written. Never throws; see `unsaved`. */
	save(): Promise<void> {
		return this.#queue.save();
	}

	/** The same with the outcome of a run. */
	saveOutcome(outcome: RunOutcome): Promise<void> {
		this.#outcomes.set(outcome.key, outcome);
		return this.save();
	}

	/** The stored grid, if another tab wrote it after this one had read it; else null. @throws StorageError · FormatError */
	async newer(): Promise<StoredGrid | null> {
		const stored = await this.#ports.grids.read(this.#facts().id);
		if (stored === null || stored.edition === this.#edition) return null;
		this.#edition = stored.edition;
		return stored;
	}

	async #write(): Promise<void> {
		const { grids, clock } = this.#ports;
		const facts = this.#facts();
		try {
			const changedAt = clock.date();
			this.#edition = await grids.write({
				schema: STORED_GRID_SCHEMA,
				...facts,
				edition: this.#edition,
				changedAt,
			});
			for (const [key, outcome] of this.#outcomes) {
				await grids.writeOutcome(facts.id, outcome);
				this.#outcomes.delete(key);
			}
			this.unsaved = null;
		} catch (error) {
			this.unsaved = toWire(asAppError(error));
		}
	}
}
