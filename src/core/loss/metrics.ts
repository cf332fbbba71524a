/** What a training step reports, in TRL's names, so that curves can be laid over a TRL run. */

export interface StepMetrics {
	/** 1-based; metrics are taken before the update of this step, as TRL does. */
	step: number;
	/** Epochs done, fractional. */
	epoch: number;
	loss: number;
	'rewards/chosen': number;
	'rewards/rejected': number;
	'rewards/margins': number;
	/** Share of pairs with margin > 0, strictly: ties, and so step 1, count 0. */
	'rewards/accuracies': number;
	/** Mean summed log-probability of the completions, nats. */
	'logps/chosen': number;
	'logps/rejected': number;
	/** L2 of the whole gradient before clipping. */
	grad_norm: number;
	learning_rate: number;
	/** Tokens trained on so far. */
	num_tokens: number;
	/** Wall seconds of this step and tokens of this step over it. */
	seconds: number;
	tokensPerSecond: number;
}

export type MetricName = Exclude<keyof StepMetrics, 'step'>;

/** Where one pair stands: its implicit rewards, β·(log π_θ − log π_ref) of each side. */
export interface PairRewards {
	pairId: string;
	chosen: number;
	rejected: number;
}
