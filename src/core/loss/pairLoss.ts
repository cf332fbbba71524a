/**
 * Loss of the pairs of one step and its gradient with respect to the policy's summed log-probabilities, in f64. The trainer
 * reports these numbers, and the kernel's gradient is tested against them. Metrics are TRL's.
 */
import { ShapeError } from '../errors.ts';
import { at } from '../math/at.ts';
import type { CompiledObjective } from './objectives/objective.ts';
import type { Values } from './objectives/values.ts';

/** Any list of numbers: typed arrays from a readback or plain lists. */
export type NumberList = ArrayLike<number>;

/** Summed log-probabilities of all pairs of a step, [pairs] each, nats. */
export interface PairLogps {
	policyChosen: NumberList;
	policyRejected: NumberList;
	refChosen: NumberList;
	refRejected: NumberList;
	/** Predicted completion tokens, [pairs]. */
	chosenTokens: NumberList;
	rejectedTokens: NumberList;
	/** Weights of the rows, [pairs]; 1 if absent. */
	chosenWeights?: NumberList;
	rejectedWeights?: NumberList;
}

export interface PairLoss {
	/** Mean over pairs. */
	loss: number;
	/** [pairs] */
	losses: Float64Array;
	/** [pairs] ∂(mean loss)/∂log π_θ of each side; the mean's 1/pairs is in it. */
	dChosen: Float64Array;
	dRejected: Float64Array;
	/** [pairs] implicit rewards β·(policy − reference). */
	chosenReward: Float64Array;
	rejectedReward: Float64Array;
}

function mean(list: NumberList): number {
	let sum = 0;
	for (let i = 0; i < list.length; i++) sum += at(list, i);
	return sum / list.length;
}

function expectSameLength(lists: Readonly<Record<string, NumberList>>): number {
	const given = Object.entries(lists);
	const lengths = given.map(([, list]) => list.length);
	const pairs = at(lengths, 0);
	if (pairs > 0 && lengths.every((length) => length === pairs)) return pairs;
	const found = given.map(([name, list]) => `${name} ${list.length}`).join(', ');
	throw new ShapeError(`pairLoss needs lists of one length, at least 1; got ${found}.`, {
		code: 'pair-loss-lengths',
	});
}

function pairValues(logps: PairLogps, i: number): Omit<Values, 'beta' | 'mean_len_w'> {
	const { chosenWeights, rejectedWeights } = logps;
	return {
		logp_w: at(logps.policyChosen, i),
		logp_l: at(logps.policyRejected, i),
		ref_w: at(logps.refChosen, i),
		ref_l: at(logps.refRejected, i),
		len_w: at(logps.chosenTokens, i),
		len_l: at(logps.rejectedTokens, i),
		weight_w: chosenWeights ? at(chosenWeights, i) : 1,
		weight_l: rejectedWeights ? at(rejectedWeights, i) : 1,
	};
}

/**
 * Mean loss over the pairs, its gradient, and the rewards.
 *
 * @param beta  unitless, > 0
 * @returns     see {@link PairLoss}
 * @throws      ShapeError when the lists differ in length or are empty
 * @source      trl 1.16 DPOTrainer._compute_loss · golden: losses.json, ≤ 1e-12
 */
export function pairLoss(objective: CompiledObjective, beta: number, logps: PairLogps): PairLoss {
	const pairs = expectSameLength({ ...logps });
	const result: PairLoss = {
		loss: 0,
		losses: new Float64Array(pairs),
		dChosen: new Float64Array(pairs),
		dRejected: new Float64Array(pairs),
		chosenReward: new Float64Array(pairs),
		rejectedReward: new Float64Array(pairs),
	};
	const step = { beta, mean_len_w: mean(logps.chosenTokens) };
	for (let i = 0; i < pairs; i++) {
		const values = { ...step, ...pairValues(logps, i) };
		const gradient = objective.gradientOf(values);
		result.chosenReward[i] = beta * (values.logp_w - values.ref_w);
		result.rejectedReward[i] = beta * (values.logp_l - values.ref_l);
		result.losses[i] = objective.lossOf(values);
		result.dChosen[i] = gradient.chosen / pairs;
		result.dRejected[i] = gradient.rejected / pairs;
	}
	result.loss = mean(result.losses);
	return result;
}

/** Loss of an untrained adapter, for which policy = reference. The trainer stops if its first loss differs. */
export function stepZeroLoss(
	objective: CompiledObjective,
	beta: number,
	logps: Omit<PairLogps, 'policyChosen' | 'policyRejected'>,
): number {
	return pairLoss(objective, beta, {
		...logps,
		policyChosen: logps.refChosen,
		policyRejected: logps.refRejected,
	}).loss;
}

/** TRL's metrics of a batch, means over pairs. */
export interface RewardMetrics {
	'rewards/chosen': number;
	'rewards/rejected': number;
	'rewards/margins': number;
	/** Share of pairs whose chosen reward is greater, strictly: ties count 0. */
	'rewards/accuracies': number;
	'logps/chosen': number;
	'logps/rejected': number;
}

export function rewardMetrics(
	loss: Pick<PairLoss, 'chosenReward' | 'rejectedReward'>,
	logps: Pick<PairLogps, 'policyChosen' | 'policyRejected'>,
): RewardMetrics {
	const margins = loss.chosenReward.map((chosen, i) => chosen - at(loss.rejectedReward, i));
	const wins = loss.chosenReward.map((chosen, i) => (chosen > at(loss.rejectedReward, i) ? 1 : 0));
	return {
		'rewards/chosen': mean(loss.chosenReward),
		'rewards/rejected': mean(loss.rejectedReward),
		'rewards/margins': mean(margins),
		'rewards/accuracies': mean(wins),
		'logps/chosen': mean(logps.policyChosen),
		'logps/rejected': mean(logps.policyRejected),
	};
}
