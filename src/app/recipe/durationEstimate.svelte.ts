/** How long recipes take on this machine, learned from the last finished run. */
import type { Recipe } from '#core/recipe/recipe.ts';
import type { RunRecord } from '#core/run/run.ts';
import { estimateSeconds, unitSeconds, type UnitSeconds } from './estimate.ts';

export class DurationEstimate {
	#units: UnitSeconds | null = $state.raw(null);
	/** The run that the times are from, within a sentence; empty if there is none. */
	source: string = $state('');

	/** Keeps each earlier time that the run does not give; see `unitSeconds`. */
	learn(record: RunRecord | null, source: string = `your run ${record?.name ?? ''}`): void {
		const units = record === null ? null : unitSeconds(record);
		if (record === null || units === null) return;
		this.source = source;
		this.#units = {
			...units,
			answer: units.answer ?? this.#units?.answer ?? null,
			revision: units.revision ?? this.#units?.revision ?? null,
		};
	}

	/** Estimated seconds of a recipe; null if unknown. */
	secondsFor(recipe: Recipe): number | null {
		return this.#units === null ? null : estimateSeconds(recipe, this.#units);
	}
}
