/** How long recipes take on this machine, learned from the last finished run. */
import type { Recipe } from '#core/recipe/recipe.ts';
import type { RunRecord } from '#core/run/run.ts';
import { estimateSeconds, unitSeconds, type UnitSeconds } from './estimate.ts';

export class DurationEstimate {
	#units: UnitSeconds | null = $state.raw(null);
	/** The run that the times are from, within a sentence; empty if there is none. */
	source: string = $state('');

	/** Keeps each earlier time that the run does not give; see `unitSeconds`. */
	learn(record: RunRecord | null, source?: string): void {
		if (record === null) return;
		const units = unitSeconds(record);
		if (units === null) return;
		this.source = source ?? `your run ${record.name}`;
		this.#units = { ...units, ...earlierIn(units, this.#units) };
	}

	/** Estimated seconds of a recipe; null if unknown. */
	secondsFor(recipe: Recipe): number | null {
		return this.#units === null ? null : estimateSeconds(recipe, this.#units);
	}
}

function earlierIn(
	units: UnitSeconds,
	earlier: UnitSeconds | null,
): Pick<UnitSeconds, 'answer' | 'revision'> {
	return {
		answer: units.answer ?? earlier?.answer ?? null,
		revision: units.revision ?? earlier?.revision ?? null,
	};
}
