/** Figures of the end of a training: one step is a batch of a few pairs, so its rewards alone say little. */
import { mean } from '../evaluation/intervals.ts';
import type { StepMetrics } from './metrics.ts';

const LAST_STEPS = 10;

/** Mean over the last ten steps, or all if there are fewer; NaN without steps. */
export function meanAtEnd(metrics: readonly StepMetrics[], of: (step: StepMetrics) => number): number {
	return mean(metrics.slice(-LAST_STEPS).map(of));
}
