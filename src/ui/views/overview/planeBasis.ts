/** The lengths and log-probabilities of a run that the plane's field uses, as far as the run measured them. */
import type { BatchStep } from '#app/steps/batchStep.svelte.ts';
import type { LossStep } from '#app/steps/lossStep.svelte.ts';
import { ASSUMED_SETTING } from '#core/loss/objectives/planePoint.ts';
import type { FieldBasis } from '../../charts/planeReading.ts';

/**
 * Lengths are the means over all pairs. The reference's log-probability per token comes from step 1, whose metrics are those of
 * the untrained adapter, and from the lengths of that step's pairs.
 *
 * @param beta of the run: the rewards were measured with it
 */
export function planeBasis(
	beta: number,
	loss: Pick<LossStep, 'plan' | 'history'>,
	batch: Pick<BatchStep, 'pairsOf' | 'lengthsOf'>,
): FieldBasis {
	const lengths = meanLengths(loss);
	const reference = referenceOf(loss, batch);
	return {
		setting: {
			beta,
			lengths: lengths ?? ASSUMED_SETTING.lengths,
			reference: reference ?? ASSUMED_SETTING.reference,
		},
		measured: { lengths: lengths !== null, reference: reference !== null },
	};
}

interface BothSides {
	readonly chosen: number;
	readonly rejected: number;
}

/** Null if there is nothing to average, or if it cannot be a length or a negative log-probability. */
function usable(sides: BothSides): BothSides | null {
	return Number.isFinite(sides.chosen) && Number.isFinite(sides.rejected) ? sides : null;
}

function meanLengths({ plan }: Pick<LossStep, 'plan'>): BothSides | null {
	const { chosen = [], rejected = [] } = plan?.completionTokens ?? {};
	return usable({ chosen: mean(chosen), rejected: mean(rejected) });
}

function referenceOf(
	{ history }: Pick<LossStep, 'history'>,
	batch: Pick<BatchStep, 'pairsOf' | 'lengthsOf'>,
): BothSides | null {
	const first = history[0];
	if (first?.step !== 1) return null;
	const lengths = batch.pairsOf(1).flatMap(({ id }) => batch.lengthsOf(id) ?? []);
	return usable({
		chosen: Math.min(0, first['logps/chosen'] / mean(lengths.map(({ chosen }) => chosen))),
		rejected: Math.min(0, first['logps/rejected'] / mean(lengths.map(({ rejected }) => rejected))),
	});
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}
