/** The micro-batches of a step: packed examples with their reference, and mismatched ones if the objective reads `kl`. */
import { mismatched } from '#core/batch/mismatched.ts';
import { readsDrift } from '#core/loss/example.ts';
import { objectiveFor } from '#core/loss/objectives/forSettings.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { Batch } from './estimate.ts';
import { packForStep } from './pack.ts';
import type { MicroBatch } from './step.ts';

/**
 * @param batches all examples of the step, because the mismatched ones take their completions from each other
 * @param referenceOf the reference log-probabilities of a batch, [S] by segment
 */
export function microBatchesOf(
	{ objective, training }: Pick<Recipe, 'objective' | 'training'>,
	batches: readonly Batch[],
	referenceOf: (batch: Batch) => Float32Array<ArrayBuffer>,
): MicroBatch[] {
	const others = readsDrift(objectiveFor(objective)) ? mismatchedBatches(batches, training.maxLength) : [];
	return batches.map((batch, n) => {
		const other = others[n];
		return {
			packed: packForStep(batch),
			reference: referenceOf(batch),
			...(other && { mismatched: packForStep(other) }),
		};
	});
}

/** The mismatched examples of a step, in batches of the same sizes. */
export function mismatchedBatches(batches: readonly Batch[], maxLength: number): Batch[] {
	const all = mismatched(batches.flat(), maxLength);
	let start = 0;
	return batches.map(({ length }) => {
		start += length;
		return all.slice(start - length, start);
	});
}
