/** What the objective reads of a step: the recipe's settings and the statistics of its examples. */
import { stepStatistics, type Segments } from '#core/batch/segments.ts';
import type { StepValues } from '#core/loss/example.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { MicroBatch } from './step.ts';

/** @param microBatches all of the step */
export function stepValues({ beta }: Recipe['objective'], microBatches: readonly MicroBatch[]): StepValues {
	return { beta, ...stepStatistics(microBatches.map(({ packed }): Segments => packed.segments)) };
}
