/** Evaluation: answers to held-out prompts before and after training, and statistics of the difference. */
import type { Prompt } from '../prompt/prompt.ts';

/** A mean with its 95% interval. */
export interface Estimate {
	score: number;
	low: number;
	high: number;
	n: number;
}

/** One named check of the rubric on one answer. */
export interface CheckResult {
	name: string;
	passed: boolean;
	weight: number;
	reason: string;
}

export interface ScoredAnswer {
	prompt: Prompt;
	text: string;
	/** In [0, 1]. */
	score: number;
	checks: readonly CheckResult[];
}

export type HeldOutEngine = 'compute' | 'webllm';

/** Ranking of held-out pairs: TRL's rewards/accuracies and rewards/margins over them, with the recipe's β. */
export interface HeldOutRewards {
	/** Share of pairs with margin > 0, strictly. */
	accuracy: Estimate;
	/** Mean of r_w − r_l. */
	margin: Estimate;
}

/** All held-out answers of one model state in one decoding mode. */
export interface HeldOutResult {
	mode: 'greedy' | 'sampled';
	/** 0 is the base model. */
	step: number;
	estimate: Estimate;
	answers: readonly ScoredAnswer[];
	/** Engine that answered. Absent in runs saved by older versions, which always used the compute engine. */
	engine?: HeldOutEngine;
	/** Present if the run has pairs of held-out prompts. */
	rewards?: HeldOutRewards;
}

/** Before and after training on the same prompts. */
export interface PairedComparison {
	before: Estimate;
	after: Estimate;
	/** Mean of after − before with a 95% bootstrap interval over prompts. */
	difference: Estimate;
	better: number;
	equal: number;
	worse: number;
}

export interface GroupedComparison extends PairedComparison {
	/** Family or check name. */
	group: string;
}
