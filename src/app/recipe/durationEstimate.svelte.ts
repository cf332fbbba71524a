/** How long recipes take on this machine, learned from the last finished run. */
import type { Recipe } from '#core/recipe/recipe.ts';
import type { RunRecord } from '#core/run/run.ts';
import { estimateSeconds, unitSeconds, type UnitSeconds } from './estimate.ts';

export class DurationEstimate {
	#units: UnitSeconds | null = $state.raw(null);

	/** Keeps the earlier times if the run gives none; see `unitSeconds`. */
	learn(record: RunRecord | null): void {
		this.#units = (record === null ? null : unitSeconds(record)) ?? this.#units;
	}

	/** Estimated seconds of a recipe; null if unknown. */
	secondsFor(recipe: Recipe): number | null {
		return this.#units === null ? null : estimateSeconds(recipe, this.#units);
	}
}
