/** Inputs of a step that training and its rehearsal share. */
import type { PackedBatch } from '#core/batch/pack.ts';
import { objectiveFor } from '#core/loss/objectives/forSettings.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { readsDrift } from '#core/loss/example.ts';
import type { MicroBatch, StepOptions } from './step.ts';
import { stepValues } from './values.ts';

export type Kept = StepOptions['keep'];

/**
 * The options of step `step` (from 1) with learning rate `lr`, from the recipe.
 *
 * @throws AppError `unknown-objective`
 */
export function stepOptions(
	{ objective, optimiser }: Recipe,
	keep: Kept,
	microBatches: readonly MicroBatch[],
	{ step, lr }: { step: number; lr: number },
): StepOptions {
	const { beta1, beta2, epsilon: eps, weightDecay, maxGradNorm } = optimiser;
	return {
		objective: objectiveFor(objective),
		values: stepValues(objective, microBatches),
		keep,
		adamW: { lr, beta1, beta2, eps, weightDecay, step, maxGradNorm },
	};
}

/**
 * Micro-batches of a step to rehearse: one batch as often as a step accumulates, with zeros as its reference. Mismatched examples
 * have the prompts and completions of the step in another order, so they take as much memory.
 */
export function rehearsedMicroBatches({ training, objective }: Recipe, packed: PackedBatch): MicroBatch[] {
	const micro: MicroBatch = {
		packed,
		reference: new Float32Array(packed.segments.count),
		...(readsDrift(objectiveFor(objective)) ? { mismatched: packed } : {}),
	};
	return Array.from({ length: training.accumulationSteps }, () => micro);
}

/** Nothing computes in a rehearsal, so any rate serves. */
export const REHEARSED_STEP = { step: 1, lr: 0 } as const;
