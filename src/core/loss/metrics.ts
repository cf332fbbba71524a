/** Metrics of a training step in TRL's names, so that their curves can be compared with a TRL run's. */
import * as v from 'valibot';
import { count, measured } from '../format/schema.ts';

export const stepMetricsSchema = v.object({
	/** 1-based; the metrics are those before this step's update, as in TRL. */
	step: count,
	/** Epochs done, fractional. */
	epoch: measured,
	loss: measured,
	'rewards/chosen': measured,
	'rewards/rejected': measured,
	'rewards/margins': measured,
	/** Share of pairs with margin > 0, strictly: ties, and so step 1, count 0. */
	'rewards/accuracies': measured,
	/** Mean summed log-probability of the completions, nats. */
	'logps/chosen': measured,
	'logps/rejected': measured,
	/** L2 of the whole gradient before clipping. */
	grad_norm: measured,
	learning_rate: measured,
	/** Estimate of KL(π_θ ‖ π_ref) over the step, nats; present if the objective reads it. */
	kl: v.exactOptional(measured),
	/** Tokens trained on so far. */
	num_tokens: measured,
	/** Wall seconds of this step, and its tokens per second. */
	seconds: measured,
	tokensPerSecond: measured,
});
export type StepMetrics = v.InferOutput<typeof stepMetricsSchema>;

/** Implicit rewards of one pair, β·(log π_θ − log π_ref) of each side. */
export const pairRewardsSchema = v.object({ pairId: v.string(), chosen: measured, rejected: measured });
export type PairRewards = v.InferOutput<typeof pairRewardsSchema>;
