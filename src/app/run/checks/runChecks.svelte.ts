/** The checks of one run, made one at a time on the user's own device. The run is not changed, and results are not stored. */
import { Cancelled, toWire, type WireError } from '#core/errors.ts';
import type { CheckId, CheckOutcome } from '#core/checks/check.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Clock, ComputeEngine, Progress } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';

/** A check that was asked for. */
export type CheckState =
	| { state: 'running'; progress: Progress | null }
	| { state: 'done'; outcome: CheckOutcome; seconds: number }
	| { state: 'failed'; error: WireError };

export interface CheckSources {
	recipe: () => Recipe;
	pairs: () => readonly PreferencePair[];
	/** True while the run works: a check would slow it down and change the memory that it measures. */
	active: () => boolean;
	/** The engine with the run's reference model as its base. */
	compute: ComputeEngine;
	/** Loads the recipe's model. */
	load: (model: string, signal: AbortSignal) => Promise<unknown>;
	clock: Clock;
}

export class RunChecks {
	readonly #sources: CheckSources;
	#cancel: AbortController | null = null;

	/** By check; a check that was not asked for is absent. */
	states: ReadonlyMap<CheckId, CheckState> = $state.raw(new Map());
	/** The check that is made now, or null. */
	readonly working: CheckId | null = $derived(
		[...this.states].find(([, { state }]) => state === 'running')?.[0] ?? null,
	);
	/** Why no check can be made now, in one sentence; null if one can. */
	readonly obstacle: string | null = $derived.by(() => {
		if (this.#sources.active()) return 'The run is active. Checks can be made when it is stopped or done.';
		return this.#sources.pairs().length === 0 ? 'The checks need the run’s pairs.' : null;
	});

	constructor(sources: CheckSources) {
		this.#sources = sources;
	}

	/** Makes a check, unless one is made now. Never throws; see `states`. */
	async make(check: CheckId): Promise<void> {
		if (this.working !== null || this.obstacle !== null) return;
		const { recipe, pairs, compute, load, clock } = this.#sources;
		const cancel = new AbortController();
		this.#cancel = cancel;
		const { signal } = cancel;
		this.#set(check, { state: 'running', progress: null });
		try {
			await load(recipe().model, signal);
			const start = clock.now();
			const job = { check, recipe: recipe(), pairs: pairs() };
			const show = (progress: Progress): void => {
				if (!signal.aborted) this.#set(check, { state: 'running', progress });
			};
			const outcome = await compute.check(job, show, signal);
			this.#set(check, { state: 'done', outcome, seconds: (clock.now() - start) / 1000 });
		} catch (thrown) {
			const isCancelled = signal.aborted || thrown instanceof Cancelled;
			this.#set(check, isCancelled ? null : { state: 'failed', error: toWire(thrown) });
		}
	}

	cancel(): void {
		this.#cancel?.abort();
	}

	#set(check: CheckId, state: CheckState | null): void {
		const others = [...this.states].filter(([id]) => id !== check);
		this.states = new Map(state === null ? others : [...others, [check, state]]);
	}
}
