/**
 * The objectives: each a record with its loss of one pair as a function of the two implicit rewards, and the closed-form
 * gradient. The batch around them is pairLoss.ts; the tensors' gradient starts from the numbers given there.
 *
 * Reward: r = β·(log π_θ(y|x) − log π_ref(y|x)), summed over the completion's tokens. r_w belongs to chosen, r_l to rejected.
 * To add one: write its record here (what it needs beside the rewards is in PairContext) and its id in recipe.ts. The golden
 * test takes every record from this list.
 */
import { logSigmoid, sigmoid, sigmoidSlope } from '../math/sigmoid.ts';
import type { ObjectiveId } from '../recipe/recipe.ts';

/** What an objective may need of its pair beside the two rewards. */
export interface PairContext {
	/** Unitless, > 0. */
	beta: number;
	/** log π_ref of each completion, nats, summed over tokens. */
	refChosenLogp: number;
	refRejectedLogp: number;
	/** Completion tokens that are predicted. */
	chosenTokens: number;
	rejectedTokens: number;
	/** Mean of chosenTokens over the batch: TRL's SFT takes the mean over all tokens of the batch, not over pairs. */
	meanChosenTokens: number;
}

/** ∂loss/∂r_w and ∂loss/∂r_l. */
export interface RewardGradient {
	chosen: number;
	rejected: number;
}

export interface Objective {
	id: ObjectiveId;
	/** TRL's `loss_type`. */
	trlName: string;
	title: string;
	/** Loss of one pair in TeX. */
	formula: string;
	/** When to use it, for a student. */
	whenToUse: string;
	/** What its gradient does to the two sides, for a student. */
	does: string;
	/** Loss of one pair. */
	loss(chosenReward: number, rejectedReward: number, pair?: PairContext): number;
	gradient(chosenReward: number, rejectedReward: number, pair?: PairContext): RewardGradient;
	/** Loss where policy and reference agree; null where it depends on the pair. */
	atZero: number | null;
	source: string;
}

/** The context of a point on the (r_w, r_l) plane that belongs to no pair: everything that scales is 1. */
export const PLANE: PairContext = {
	beta: 1,
	refChosenLogp: 0,
	refRejectedLogp: 0,
	chosenTokens: 1,
	rejectedTokens: 1,
	meanChosenTokens: 1,
};

const apoZero: Objective = {
	id: 'apo_zero',
	trlName: 'apo_zero',
	title: 'APO-zero',
	formula: String.raw`1 - \sigma(r_w) + \sigma(r_l)`,
	whenToUse: 'The chosen answers are better than what the model writes today.',
	does: 'Raises the chosen answer and lowers the rejected one, each on its own.',
	loss: (chosen, rejected) => sigmoid(-chosen) + sigmoid(rejected),
	gradient: (chosen, rejected) => ({ chosen: -sigmoidSlope(chosen), rejected: sigmoidSlope(rejected) }),
	atZero: 1,
	source: 'arXiv 2408.06266 eq. 7, plus the constant 1 that TRL adds',
};

const apoDown: Objective = {
	id: 'apo_down',
	trlName: 'apo_down',
	title: 'APO-down',
	formula: String.raw`\sigma(r_w) + 1 - \sigma(r_w - r_l)`,
	whenToUse:
		'The chosen answers are worse than what the model writes today, but still better than the rejected ones.',
	does: 'Lowers both answers, the rejected one more.',
	loss: (chosen, rejected) => sigmoid(chosen) + sigmoid(rejected - chosen),
	gradient: (chosen, rejected) => {
		const slope = sigmoidSlope(chosen - rejected);
		return { chosen: sigmoidSlope(chosen) - slope, rejected: slope };
	},
	atZero: 1,
	source: 'arXiv 2408.06266 eq. 8, plus the constant 1 that TRL adds',
};

const dpo: Objective = {
	id: 'dpo',
	trlName: 'sigmoid',
	title: 'DPO',
	formula: String.raw`-\log \sigma(r_w - r_l)`,
	whenToUse: 'The common baseline: only the difference between the two answers counts.',
	does: 'Widens the margin; whether chosen goes up or rejected goes down is left open.',
	loss: (chosen, rejected) => -logSigmoid(chosen - rejected),
	gradient: (chosen, rejected) => {
		const pull = sigmoid(rejected - chosen);
		return { chosen: -pull, rejected: pull };
	},
	atZero: Math.LN2,
	source: 'arXiv 2305.18290 eq. 7',
};

const sft: Objective = {
	id: 'sft',
	trlName: 'sft',
	title: 'SFT',
	formula: String.raw`-\tfrac{1}{|y_w|} \log \pi_\theta(y_w \mid x)`,
	whenToUse: 'To imitate the chosen answers and ignore the rejected ones.',
	does: 'Raises the chosen answer without limit; says nothing about the rejected one.',
	loss: (chosen, _rejected, pair = PLANE) =>
		-(chosen / pair.beta + pair.refChosenLogp) / pair.meanChosenTokens,
	gradient: (_chosen, _rejected, pair = PLANE) => ({
		chosen: -1 / (pair.beta * pair.meanChosenTokens),
		rejected: 0,
	}),
	atZero: null,
	source: 'token cross-entropy on chosen, mean over the tokens of the batch as in TRL',
};

export const OBJECTIVE_LIST: readonly Objective[] = [apoZero, apoDown, dpo, sft];

const BY_ID: Readonly<Record<ObjectiveId, Objective>> = {
	apo_zero: apoZero,
	apo_down: apoDown,
	dpo,
	sft,
};

export function objectiveOf(id: ObjectiveId): Objective {
	return BY_ID[id];
}
