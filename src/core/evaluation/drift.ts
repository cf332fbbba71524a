/**
 * Drift: how far the tuned model has moved from the base, on its own sampled answers to held-out prompts. A run stores three estimates
 * per evaluated step, some 250 bytes.
 */
import * as v from 'valibot';
import { estimateSchema, type Estimate } from './estimate.ts';
import { meanEstimate } from './intervals.ts';

export const driftSchema = v.object({
	/**
	 * KL(π_θ ‖ π_ref) of an answer given its prompt, nats: the mean of log π_θ(y) − log π_ref(y) over answers y that π_θ sampled, so an
	 * estimate can fall below 0. 0 at step 0.
	 */
	kl: estimateSchema,
	/** Entropy of π_θ, nats per token: the mean of −log π_θ over the tokens of each answer. */
	entropy: estimateSchema,
	/** Length of the answers in tokens, with the token that ends them. */
	tokens: estimateSchema,
});
export type Drift = v.InferOutput<typeof driftSchema>;

/** One sampled answer: log π of each of its tokens, nats. */
export interface SampledAnswer {
	readonly policy: ArrayLike<number>;
	readonly reference: ArrayLike<number>;
}

/** @returns null without an answer that has tokens */
export function driftOf(answers: readonly SampledAnswer[]): Drift | null {
	const worded = answers.filter(({ policy }) => policy.length > 0);
	if (worded.length === 0) return null;
	const sum = (values: ArrayLike<number>): number =>
		Array.from(values).reduce((total, one) => total + one, 0);
	return {
		kl: meanOf(answers.map(({ policy, reference }) => sum(policy) - sum(reference))),
		entropy: meanOf(worded.map(({ policy }) => 0 - sum(policy) / policy.length)),
		tokens: meanOf(answers.map(({ policy }) => policy.length)),
	};
}

function meanOf(values: readonly number[]): Estimate {
	return meanEstimate(values, { range: [Math.min(...values), Math.max(...values)] });
}
