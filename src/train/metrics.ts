/** What a step reports, from the log-probabilities it read back: losses and rewards in f64 on the host, in TRL's names. */
import { AppError } from '#core/errors.ts';
import type { PairRewards, StepMetrics } from '#core/loss/metrics.ts';
import { objectiveOf } from '#core/loss/objectives/registry.ts';
import { pairLoss, rewardMetrics, stepZeroLoss, type PairLogps, type PairLoss } from '#core/loss/pairLoss.ts';
import { at } from '#core/math/at.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { MicroBatch } from './step.ts';

/** Policy log-probabilities of a step beside their references, pairs of all micro-batches in order. */
export function pairLogps(microBatches: readonly MicroBatch[], logps: readonly Float32Array[]): PairLogps {
	const lists = {
		policyChosen: [] as number[],
		policyRejected: [] as number[],
		refChosen: [] as number[],
		refRejected: [] as number[],
		chosenTokens: [] as number[],
		rejectedTokens: [] as number[],
	};
	for (const [m, { packed, reference }] of microBatches.entries()) {
		const policy = at(logps, m);
		for (let i = 0; i < packed.pairs; i++) {
			lists.policyChosen.push(at(policy, 2 * i));
			lists.policyRejected.push(at(policy, 2 * i + 1));
			lists.refChosen.push(at(reference, 2 * i));
			lists.refRejected.push(at(reference, 2 * i + 1));
			lists.chosenTokens.push(at(packed.chosenTokens, i));
			lists.rejectedTokens.push(at(packed.rejectedTokens, i));
		}
	}
	return lists;
}

/** Everything of a step's metrics that the loss gives. */
export type LossMetrics = Omit<
	StepMetrics,
	'step' | 'epoch' | 'grad_norm' | 'learning_rate' | 'num_tokens' | 'seconds' | 'tokensPerSecond'
>;

export function lossMetrics(
	{ id, beta }: Recipe['objective'],
	logps: PairLogps,
): { metrics: LossMetrics; loss: PairLoss } {
	const loss = pairLoss(objectiveOf(id), beta, logps);
	return { metrics: { loss: loss.loss, ...rewardMetrics(loss, logps) }, loss };
}

export function pairRewards(pairIds: readonly string[], loss: PairLoss): PairRewards[] {
	return pairIds.map((pairId, i) => ({
		pairId,
		chosen: at(loss.chosenReward, i),
		rejected: at(loss.rejectedReward, i),
	}));
}

/** How far the first loss may be from what an untrained adapter must give: far above float noise, far below any effect. */
const CHECK_TOLERANCE = 1e-3;

/**
 * The step-0 check: with B = 0 the policy is the reference, so loss and margin are known.
 *
 * @throws AppError `step-zero-check` where they are not what they must be
 */
export function checkStepZero(
	{ id, beta }: Recipe['objective'],
	logps: PairLogps,
): { loss: number; expectedLoss: number; margin: number } {
	const { metrics } = lossMetrics({ id, beta }, logps);
	const expectedLoss = stepZeroLoss(objectiveOf(id), beta, logps);
	const margin = metrics['rewards/margins'];
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

/**
 * @throws AppError `non-finite` where the loss or the gradient is not a number
 */
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
