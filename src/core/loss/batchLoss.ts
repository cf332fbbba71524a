/**
 * Losses, gradients and rewards over the segments of a batch, in f64. The trainer reports them, and tests
 * check the kernels against them. Metrics are TRL's.
 */
import { CHOSEN, examplesOf, pairsOf, REJECTED, type Segments } from '../batch/segments.ts';
import { at } from '../math/at.ts';
import { exampleGradient, exampleLoss, exampleValues, type StepValues } from './example.ts';
import type { CompiledObjective } from './objectives/objective.ts';

/** Any list of numbers: typed arrays from a readback or plain lists. */
export type NumberList = ArrayLike<number>;

/** Segments with their summed log-probabilities, [S] each, nats. */
export interface SegmentLogps {
	readonly segments: Segments;
	readonly policy: NumberList;
	readonly reference: NumberList;
}

/**
 * Loss of each example, in order. The loss of the batch is their mean.
 *
 * @throws ShapeError `example-unpaired`
 * @source trl 1.16 DPOTrainer._compute_loss, KTOTrainer._compute_loss · golden: losses.json, ≤ 1e-12
 */
export function exampleLosses(objective: CompiledObjective, step: StepValues, logps: SegmentLogps): number[] {
	const { segments, policy, reference } = logps;
	return examplesOf(segments).map((example) =>
		exampleLoss(objective, step, exampleValues(segments, policy, reference, example)),
	);
}

/** [S] ∂(Σ losses)/∂log π_θ of each segment. @throws ShapeError `example-unpaired` */
export function segmentGradients(
	objective: CompiledObjective,
	step: StepValues,
	{ segments, policy, reference }: SegmentLogps,
): Float64Array {
	const gradients = new Float64Array(segments.count);
	for (const example of examplesOf(segments)) {
		const values = exampleValues(segments, policy, reference, example);
		const { chosen, rejected } = exampleGradient(objective, step, values);
		if (example.chosen !== null) gradients[example.chosen] = chosen;
		if (example.rejected !== null) gradients[example.rejected] = rejected;
	}
	return gradients;
}

/** [S] implicit rewards β·(policy − reference). */
export function implicitRewards(beta: number, { policy, reference }: SegmentLogps): Float64Array {
	return Float64Array.from(policy, (logp, s) => beta * (logp - at(reference, s)));
}

/** TRL's metrics of a batch: means over its completions and pairs, NaN over none. */
export interface RewardMetrics {
	'rewards/chosen': number;
	'rewards/rejected': number;
	/** For unpaired completions, the difference of the two mean rewards, as TRL's KTOTrainer logs it. */
	'rewards/margins': number;
	/** Share of pairs whose chosen reward is greater, strictly: ties count 0. */
	'rewards/accuracies': number;
	'logps/chosen': number;
	'logps/rejected': number;
}

/** @param rewards [S] see {@link implicitRewards} */
export function rewardMetrics({ segments, policy }: SegmentLogps, rewards: NumberList): RewardMetrics {
	const chosen = meanWithLabel(segments, CHOSEN, rewards);
	const rejected = meanWithLabel(segments, REJECTED, rewards);
	const margins = pairsOf(segments).map((pair) => at(rewards, pair.chosen) - at(rewards, pair.rejected));
	return {
		'rewards/chosen': chosen,
		'rewards/rejected': rejected,
		'rewards/margins': margins.length > 0 ? mean(margins) : chosen - rejected,
		'rewards/accuracies': mean(margins.map((margin) => (margin > 0 ? 1 : 0))),
		'logps/chosen': meanWithLabel(segments, CHOSEN, policy),
		'logps/rejected': meanWithLabel(segments, REJECTED, policy),
	};
}

export function mean(list: readonly number[]): number {
	return list.reduce((sum, value) => sum + value, 0) / list.length;
}

function meanWithLabel({ labels }: Segments, label: number, values: NumberList): number {
	return mean(Array.from(values).filter((_, s) => at(labels, s) === label));
}
