/** Another round: a recipe that begins from the open run's adapter. */
import { nextRound } from '#core/recipe/nextRound.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { BeginChoice, KeptAdapter } from './recipe/beginChoice.svelte.ts';
import type { Run } from './run/run.svelte.ts';

export class Rounds {
	readonly #run: () => Run;
	readonly #choice: BeginChoice;

	/** True if another round can begin from the open run: it is at rest and has an adapter. */
	readonly possible: boolean = $derived.by(() => {
		const { id, player, steps } = this.#run();
		return id !== null && !player.active && steps.adapter.shownStep !== null;
	});

	/** @param run the open run */
	constructor(run: () => Run, choice: BeginChoice) {
		this.#run = run;
		this.#choice = choice;
	}

	/**
	 * The run's recipe, beginning from the adapter that is shown, with the next seed of prompts. Null if the adapter cannot be read; the
	 * choice's `error` says why.
	 */
	async next(): Promise<Recipe | null> {
		const run = this.#run();
		const begin = await this.#choice.choose(() => adapterOf(run));
		return begin === null ? null : nextRound(run.recipe, begin);
	}
}

/** The adapter that is shown, as it applies to the plain base; null if the run has none. */
export async function adapterOf(run: Run): Promise<KeptAdapter | null> {
	const record = run.record();
	const { adapter } = run.steps;
	const own = adapter.shownStep === null ? null : await adapter.read(adapter.shownStep);
	return record === null || own === null ? null : { record, whole: await run.models.whole(own) };
}
