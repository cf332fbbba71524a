import type { ObjectiveId } from '#core/recipe/recipe.ts';

/** What the objective's gradient needs beside log-probabilities. */
export interface PreferenceOptions {
	readonly objective: ObjectiveId;
	readonly beta: number;
	/** 1 / pairs of the step; for `sft` 1 / chosen tokens of the step. */
	readonly scale: number;
}
