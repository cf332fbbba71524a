/** Metrics of a step from its log-probabilities: losses and rewards in f64 on the host, in TRL's names. */
import { CHOSEN, joinSegments, pairsOf, REJECTED, type Segments } from '#core/batch/segments.ts';
import { AppError, type ErrorContext } from '#core/errors.ts';
import {
	exampleLosses,
	implicitRewards,
	mean,
	rewardMetrics,
	type NumberList,
	type RewardMetrics,
	type SegmentLogps,
} from '#core/loss/batchLoss.ts';
import type { StepValues } from '#core/loss/example.ts';
import type { PairRewards } from '#core/loss/metrics.ts';
import type { CompiledObjective } from '#core/loss/objectives/objective.ts';
import { at } from '#core/math/at.ts';
import { allFinite } from '#core/math/finite.ts';
import type { OptimiserState } from './buffers.ts';
import type { MicroBatch } from './step.ts';

/** The segments of all micro-batches of a step, in order. @param logps of the policy, by micro-batch */
export function stepLogps(microBatches: readonly MicroBatch[], logps: readonly Float32Array[]): SegmentLogps {
	return {
		segments: joinSegments(microBatches.map(({ packed }) => packed.segments)),
		policy: logps.flatMap((some) => [...some]),
		reference: microBatches.flatMap(({ reference }) => [...reference]),
	};
}

/** The metrics of a step that follow from its loss. */
export type LossMetrics = RewardMetrics & { loss: number };

/** @returns also the implicit rewards [S] */
export function lossMetrics(
	objective: CompiledObjective,
	values: StepValues,
	logps: SegmentLogps,
): { metrics: LossMetrics; rewards: NumberList } {
	const rewards = implicitRewards(values.beta, logps);
	const loss = mean(exampleLosses(objective, values, logps));
	return { metrics: { loss, ...rewardMetrics(logps, rewards) }, rewards };
}

/** Rewards of the pairs of a step. @param ids of its examples, in order */
export function pairRewards(ids: readonly string[], segments: Segments, rewards: NumberList): PairRewards[] {
	return pairsOf(segments).map(({ example, chosen, rejected }) => ({
		pairId: at(ids, example),
		chosen: at(rewards, chosen),
		rejected: at(rewards, rejected),
	}));
}

/**
 * Largest difference between the first loss and that of an untrained adapter: far above float noise, far
 * below any effect.
 */
const CHECK_TOLERANCE = 1e-3;

/**
 * The step-0 check: with B = 0 the policy is the reference, so loss and margin are known.
 *
 * @throws AppError `step-zero-check` if they differ
 */
export function checkStepZero(
	objective: CompiledObjective,
	values: StepValues,
	logps: SegmentLogps,
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
	throw nonFinite(`Step ${step} gave a loss of ${short(loss)} and a gradient norm of ${short(gradNorm)}.`, {
		step,
		loss: String(loss),
		gradNorm: String(gradNorm),
	});
}

/**
 * A step can end with a finite loss and an update that is not: a snapshot is checked before it is a checkpoint.
 *
 * @throws AppError `non-finite` if a parameter or moment after the step is not a finite number
 */
export function expectFiniteState(step: number, { params, m, v }: OptimiserState): void {
	if ([params, m, v].every(allFinite)) return;
	throw nonFinite(`After step ${step} the adapter has numbers that are not finite.`, { step });
}

function nonFinite(message: string, context: ErrorContext): AppError {
	return new AppError(message, {
		code: 'non-finite',
		hint: 'Change the recipe: a smaller learning rate, or clipping, keeps the steps in bounds. Or look at the pairs of this step. The run’s last checkpoint, if any, is kept.',
		context,
	});
}

/** A number for a message, with four digits. */
function short(value: number): string {
	if (Number.isNaN(value)) return 'NaN (not a number)';
	return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
}
