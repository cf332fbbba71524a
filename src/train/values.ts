/**
 * The values of a step that the objective reads: the recipe's settings and the statistics of its examples.
 */
import { stepStatistics } from '#core/batch/segments.ts';
import type { StepValues } from '#core/loss/example.ts';
import type { MicroBatch } from './step.ts';

/** @param microBatches all micro-batches of the step */
export function stepValues(
	{ beta, parameters }: Pick<StepValues, 'beta' | 'parameters'>,
	microBatches: readonly MicroBatch[],
): StepValues {
	const statistics = stepStatistics(microBatches.map(({ packed }) => packed.segments));
	return { beta, ...(parameters === undefined ? {} : { parameters }), ...statistics };
}

/** The values of a step with its measured drift; null if the objective does not read it. */
export function withDrift(values: StepValues, kl: number | null): StepValues {
	return kl === null ? values : { ...values, kl };
}

/** The values of a step of the untrained adapter, which has not drifted. */
export function untrainedValues(values: StepValues): StepValues {
	return { ...values, kl: 0 };
}
