/** The adapter that a run begins from. It is stored with the run, as its checkpoint of step 0, so that the run opens alone. */
import type { Adapter } from '#core/adapter/adapter.ts';
import { StorageError } from '#core/errors.ts';
import type { RunStore } from '#core/ports.ts';
import type { Begin } from '#core/recipe/begin.ts';

/** The checkpoint of step 0 is the run's reference model. */
export const PARENT_STEP = 0;

export class Parent {
	readonly #begin: () => Begin | undefined;
	readonly #runId: () => string | null;
	readonly #store: Pick<RunStore, 'readCheckpoint' | 'writeCheckpoint'>;
	#held: Adapter | null;
	#isStored: boolean;

	/**
	 * @param begin the recipe's
	 * @param held  the adapter of a new run; null if the run is stored
	 */
	constructor(
		begin: () => Begin | undefined,
		runId: () => string | null,
		store: Pick<RunStore, 'readCheckpoint' | 'writeCheckpoint'>,
		held: Adapter | null,
	) {
		this.#begin = begin;
		this.#runId = runId;
		this.#store = store;
		this.#held = held;
		this.#isStored = held === null;
	}

	/** Rank of the adapter once it was read; 0 for the base model. */
	get rank(): number {
		return this.#held?.config.rank ?? 0;
	}

	/**
	 * Null if the run begins from the base model.
	 *
	 * @throws StorageError `begin-missing` · FormatError if it is damaged
	 */
	async read(): Promise<Adapter | null> {
		const begin = this.#begin();
		if (begin === undefined) return null;
		this.#held ??= await this.#readStored();
		if (this.#held !== null) return this.#held;
		throw new StorageError(`The adapter that this run begins from, ${begin.name}, is not stored with it.`, {
			code: 'begin-missing',
			hint: 'Open the run from a file that has it, or start a new run that begins from another adapter.',
		});
	}

	/**
	 * Writes the adapter beside a run that is stored, if it is not there yet.
	 *
	 * @param again true if the run was deleted from the store
	 * @throws StorageError if the store refuses it; it stays in memory
	 */
	async store(again = false): Promise<void> {
		const id = this.#runId();
		if (this.#held === null || id === null || (this.#isStored && !again)) return;
		await this.#store.writeCheckpoint(id, { ...this.#held, step: PARENT_STEP }, null);
		this.#isStored = true;
	}

	async #readStored(): Promise<Adapter | null> {
		const id = this.#runId();
		return id === null ? null : ((await this.#store.readCheckpoint(id, PARENT_STEP))?.adapter ?? null);
	}
}
