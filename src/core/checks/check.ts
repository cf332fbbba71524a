/**
 * Checks of a run: small experiments on the user's own device, with a known outcome. They use the run's model, recipe and pairs, and
 * change nothing of the run.
 */
import type { Adapter } from '../adapter/adapter.ts';
import type { PreferencePair } from '../pair/pair.ts';
import type { Recipe } from '../recipe/recipe.ts';

export const CHECK_IDS = ['step-zero', 'adapter-off', 'gradient', 'overfit'] as const;
export type CheckId = (typeof CHECK_IDS)[number];

export interface CheckJob {
	check: CheckId;
	recipe: Recipe;
	/** Of the run; a check takes the first few that the model can read. */
	pairs: readonly PreferencePair[];
	/** See `TrainJob.begin`. */
	begin?: Adapter;
}

interface Outcome {
	passed: boolean;
	/** Pairs that the check used. */
	pairs: number;
}

/** With B = 0 the policy is the reference, so loss and margin are known. */
export interface StepZeroOutcome extends Outcome {
	check: 'step-zero';
	loss: number;
	expectedLoss: number;
	margin: number;
}

/** Log-probabilities of the base against those with an adapter at strength 0, and after an adapter was on. */
export interface AdapterOffOutcome extends Outcome {
	check: 'adapter-off';
	/** Comparisons of a completion's log-probability that are not equal bit for bit, and their number. */
	differing: number;
	completions: number;
	/** Largest difference with the adapter off, nats. */
	largest: number;
	/** Largest change of a completion with the adapter on, nats: 0 would mean that nothing was tested. */
	moved: number;
}

/** The derivative of the loss along one direction, by the gradient and by finite differences. */
export interface DirectionOutcome {
	/** “q_proj A”: the part of the adapter that the direction changes. */
	part: string;
	gradient: number;
	measured: number;
	passed: boolean;
}

export interface GradientOutcome extends Outcome {
	check: 'gradient';
	directions: readonly DirectionOutcome[];
	/** Largest relative difference of a direction. */
	largest: number;
	tolerance: number;
}

export interface OverfitOutcome extends Outcome {
	check: 'overfit';
	/** Pairs that were learned. */
	learned: number;
	steps: number;
	lossBefore: number;
	lossAfter: number;
}

export type CheckOutcome = StepZeroOutcome | AdapterOffOutcome | GradientOutcome | OverfitOutcome;
