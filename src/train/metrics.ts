/** What a step reports, from the log-probabilities it read back: losses and rewards in f64 on the host, in TRL's names. */
import { CHOSEN, examplesOf, joinSegments, REJECTED, type Segments } from '#core/batch/segments.ts';
import { AppError } from '#core/errors.ts';
import { exampleLoss, exampleValues, type GradientObjective, type StepValues } from '#core/loss/example.ts';
import type { PairRewards, StepMetrics } from '#core/loss/metrics.ts';
import { at } from '#core/math/at.ts';
import type { MicroBatch } from './step.ts';

/** The segments of a step, of all its micro-batches in order, with their log-probabilities [S], nats. */
export interface StepLogps {
	segments: Segments;
	policy: readonly number[];
	reference: readonly number[];
}

/** @param logps of the policy, by micro-batch */
export function stepLogps(microBatches: readonly MicroBatch[], logps: readonly Float32Array[]): StepLogps {
	return {
		segments: joinSegments(microBatches.map(({ packed }) => packed.segments)),
		policy: logps.flatMap((some) => [...some]),
		reference: microBatches.flatMap(({ reference }) => [...reference]),
	};
}

/** Everything of a step's metrics that the loss gives. */
export type LossMetrics = Omit<
	StepMetrics,
	'step' | 'epoch' | 'grad_norm' | 'learning_rate' | 'num_tokens' | 'seconds' | 'tokensPerSecond'
>;

export interface StepLoss {
	metrics: LossMetrics;
	/** [S] implicit rewards β·(policy − reference). */
	rewards: readonly number[];
}

/**
 * Means over the examples and the completions of a step; NaN over none.
 *
 * The margin of unpaired examples is the difference of the two mean rewards, as TRL's KTOTrainer logs it; they have no accuracy.
 */
export function lossMetrics(objective: GradientObjective, values: StepValues, logps: StepLogps): StepLoss {
	const { segments, policy, reference } = logps;
	const rewards = policy.map((logp, s) => values.beta * (logp - at(reference, s)));
	const losses = examplesOf(segments).map((example) =>
		exampleLoss(objective, values, exampleValues(segments, policy, reference, example)),
	);
	const mean = (list: readonly number[], label: number): number =>
		meanOf(list.filter((_, s) => at(segments.labels, s) === label));
	const [chosen, rejected] = [mean(rewards, CHOSEN), mean(rewards, REJECTED)];
	const margins = pairsOf(segments).map((pair) => at(rewards, pair.chosen) - at(rewards, pair.rejected));
	return {
		metrics: {
			loss: meanOf(losses),
			'rewards/chosen': chosen,
			'rewards/rejected': rejected,
			'rewards/margins': margins.length > 0 ? meanOf(margins) : chosen - rejected,
			'rewards/accuracies': meanOf(margins.map((margin) => (margin > 0 ? 1 : 0))),
			'logps/chosen': mean(policy, CHOSEN),
			'logps/rejected': mean(policy, REJECTED),
		},
		rewards,
	};
}

function meanOf(list: readonly number[]): number {
	return list.reduce((sum, value) => sum + value, 0) / list.length;
}

/** The pairs among the examples, with the index of each among them. */
function pairsOf(segments: Segments): { example: number; chosen: number; rejected: number }[] {
	return examplesOf(segments).flatMap(({ chosen, rejected }, example) =>
		chosen === null || rejected === null ? [] : [{ example, chosen, rejected }],
	);
}

/** Rewards of the pairs of a step. @param ids of its examples, in order */
export function pairRewards(
	ids: readonly string[],
	segments: Segments,
	rewards: readonly number[],
): PairRewards[] {
	return pairsOf(segments).map(({ example, chosen, rejected }) => ({
		pairId: at(ids, example),
		chosen: at(rewards, chosen),
		rejected: at(rewards, rejected),
	}));
}

/** How far the first loss may be from the loss of an untrained adapter: far above float noise, far below any effect. */
const CHECK_TOLERANCE = 1e-3;

/**
 * The step-0 check: with B = 0 the policy is the reference, so loss and margin are known.
 *
 * @throws AppError `step-zero-check` if they differ
 */
export function checkStepZero(
	objective: GradientObjective,
	values: StepValues,
	logps: StepLogps,
): { loss: number; expectedLoss: number; margin: number } {
	const { metrics } = lossMetrics(objective, values, logps);
	const untrained = lossMetrics(objective, values, { ...logps, policy: logps.reference });
	const expectedLoss = untrained.metrics.loss;
	const margin = marginOf(metrics, logps.segments);
	const off = Math.max(
		Math.abs(metrics.loss - expectedLoss) / Math.max(1, Math.abs(expectedLoss)),
		Math.abs(margin),
	);
	if (off <= CHECK_TOLERANCE) return { loss: metrics.loss, expectedLoss, margin };
	throw new AppError(
		`Before training the loss is ${metrics.loss} and the margin ${margin}; they must be ${expectedLoss} and 0.`,
		{
			code: 'step-zero-check',
			hint: 'Policy and reference disagree although nothing is trained yet: this is a fault of the workbench or the GPU. Copy the report.',
			context: { loss: metrics.loss, expectedLoss, margin },
		},
	);
}

/** The margin, or the mean reward if all completions have one label. */
function marginOf(metrics: LossMetrics, { labels }: Segments): number {
	if (!labels.includes(REJECTED)) return metrics['rewards/chosen'];
	return labels.includes(CHOSEN) ? metrics['rewards/margins'] : metrics['rewards/rejected'];
}

/** @throws AppError `non-finite` if the loss or the gradient is not a finite number */
export function expectFinite(step: number, loss: number, gradNorm: number): void {
	if (Number.isFinite(loss) && Number.isFinite(gradNorm)) return;
	throw new AppError(
		`Step ${step} gave a loss of ${short(loss)} and a gradient norm of ${short(gradNorm)}.`,
		{
			code: 'non-finite',
			hint: 'Change the recipe: a smaller learning rate, or clipping, keeps the steps in bounds. Or look at the pairs of this step. The run keeps its last checkpoint, if it came to one.',
			context: { step, loss: String(loss), gradNorm: String(gradNorm) },
		},
	);
}

/** Four figures are enough to tell a number from none. */
function short(value: number): string {
	if (Number.isNaN(value)) return 'NaN (not a number)';
	return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
}
