/** Curves over the seeds of a cell: the mean by step, and the smallest and largest value as a band. */
import type { CurveMetric, RunCurves } from './curves.ts';

/** A metric of the training steps, or the greedy held-out score. */
export type BandMetric = CurveMetric | 'score';

export interface Band {
	/** Ascending. */
	readonly steps: readonly number[];
	readonly mean: readonly number[];
	/** Smallest and largest value of the seeds. */
	readonly low: readonly number[];
	readonly high: readonly number[];
	/** Seeds by step: fewer where some runs are not that far. */
	readonly seeds: readonly number[];
}

/** @param curves of the seeds of one cell; values that are no finite number are gaps */
export function bandOf(curves: readonly RunCurves[], metric: BandMetric): Band {
	const byStep = new Map<number, number[]>();
	for (const curve of curves)
		for (const { step, value } of pointsOf(curve, metric)) {
			if (!Number.isFinite(value)) continue;
			const values = byStep.get(step);
			if (values === undefined) byStep.set(step, [value]);
			else values.push(value);
		}
	const points = [...byStep].sort(([a], [b]) => a - b);
	return {
		steps: points.map(([step]) => step),
		mean: points.map(([, values]) => values.reduce((sum, value) => sum + value, 0) / values.length),
		low: points.map(([, values]) => Math.min(...values)),
		high: points.map(([, values]) => Math.max(...values)),
		seeds: points.map(([, values]) => values.length),
	};
}

function pointsOf(
	{ steps, values, scores }: RunCurves,
	metric: BandMetric,
): readonly { readonly step: number; readonly value: number }[] {
	if (metric === 'score') return scores.map(({ step, score }) => ({ step, value: score }));
	// JSON writes a number that is not finite as null.
	return steps.map((step, i) => ({ step, value: values[metric][i] ?? Number.NaN }));
}

/** Values at a step, or at the last step before it; null before the first. */
export function bandAt(band: Band, step: number): { mean: number; low: number; high: number } | null {
	const index = band.steps.findLastIndex((one) => one <= step);
	const [mean, low, high] = [band.mean[index], band.low[index], band.high[index]];
	return mean === undefined || low === undefined || high === undefined ? null : { mean, low, high };
}
