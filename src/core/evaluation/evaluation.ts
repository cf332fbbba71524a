/**
 * Evaluation: answers to held-out prompts before and after training, and the statistics of the difference.
 */
import * as v from 'valibot';
import { rowFaultSchema } from '../batch/rowFaults.ts';
import { driftSchema } from './drift.ts';
import { estimateSchema as estimate, type Estimate } from './estimate.ts';
import { count, listOf, measured } from '../format/schema.ts';
import { promptSchema } from '../prompt/prompt.ts';

export type { Estimate };

/** One named check of the rubric on one answer. */
const checkResult = v.object({
	name: v.string(),
	passed: v.boolean(),
	weight: measured,
	reason: v.string(),
});

const scoredAnswer = v.object({
	prompt: promptSchema,
	text: v.string(),
	/** In [0, 1]. */
	score: measured,
	checks: listOf(checkResult),
});
export type ScoredAnswer = v.InferOutput<typeof scoredAnswer>;
/** A score with the checks that make it. */
export type Scored = Pick<ScoredAnswer, 'score' | 'checks'>;

export const heldOutEngine = v.picklist(['compute', 'webllm']);
export type HeldOutEngine = v.InferOutput<typeof heldOutEngine>;

/** Ranking of held-out pairs: TRL's rewards/accuracies and rewards/margins over them, with the recipe's β. */
const heldOutRewards = v.object({
	/** Share of pairs with margin > 0, strictly. */
	accuracy: estimate,
	/** Mean of r_w − r_l. */
	margin: estimate,
});
export type HeldOutRewards = v.InferOutput<typeof heldOutRewards>;

/** All held-out answers of one model state in one decoding mode. */
export const heldOutSchema = v.object({
	mode: v.picklist(['greedy', 'sampled']),
	/** 0 is the base model. */
	step: count,
	estimate,
	answers: listOf(scoredAnswer),
	/** Held-out prompts without an answer, each with its reason; absent if there are none. */
	leftOut: v.exactOptional(listOf(rowFaultSchema)),
	/** Engine that answered. Absent in runs saved by older versions, which always used the compute engine. */
	engine: v.exactOptional(heldOutEngine),
	/** Present if the run has pairs of held-out prompts. */
	rewards: v.exactOptional(heldOutRewards),
	/** Present in greedy results; absent in runs saved by older versions, and if no sampled answer could be read. */
	drift: v.exactOptional(driftSchema),
});
export type HeldOutResult = v.InferOutput<typeof heldOutSchema>;

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
