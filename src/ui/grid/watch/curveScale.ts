/** One scale for the small charts of a grid, and the lines on it. */
import type { BandMetric } from '#core/grid/bands.ts';
import type { RunCurves } from '#core/grid/curves.ts';
import type { Extremes } from '#core/grid/panelScale.ts';
import { roundTicks } from '#core/math/linearScale.ts';

/** Width and height of a chart's own units. */
export const CHART = { width: 240, height: 96 } as const;

/** By curve object, which is replaced when it changes: of hundreds of runs, a step reads one again. */
const KNOWN = new WeakMap<RunCurves, Map<BandMetric, Extremes | null>>();

/** Null without values. */
export function extremesOf(curves: RunCurves, metric: BandMetric): Extremes | null {
	const known = KNOWN.get(curves) ?? new Map<BandMetric, Extremes | null>();
	KNOWN.set(curves, known);
	const before = known.get(metric);
	if (before !== undefined) return before;
	const values = valuesOf(curves, metric).filter(Number.isFinite);
	const made: Extremes | null =
		values.length === 0
			? null
			: [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
	known.set(metric, made);
	return made;
}

function valuesOf({ values, scores }: RunCurves, metric: BandMetric): readonly number[] {
	return metric === 'score' ? scores.map(({ score }) => score) : values[metric];
}

/** Over several curves; null without values. */
export function extremesOfAll(all: readonly RunCurves[], metric: BandMetric): Extremes | null {
	let [low, high] = [Infinity, -Infinity];
	for (const curves of all) {
		const extremes = extremesOf(curves, metric);
		if (extremes === null) continue;
		[low, high] = [Math.min(low, extremes[0]), Math.max(high, extremes[1])];
	}
	return low > high ? null : [low, high];
}

/** Round ticks around the values of all curves, few enough for a small chart. */
export function sharedTicks(all: readonly RunCurves[], metric: BandMetric): readonly number[] {
	const extremes = extremesOfAll(all, metric);
	if (extremes === null) return metric === 'score' ? [0, 1] : [];
	return fewOf(roundTicks(widened(...extremes)));
}

/** Least span of a scale, in nats or as a score: less is rounding, and a curve of it would look like a change. */
const LEAST_SPAN = 0.02;

function widened(low: number, high: number): Extremes {
	const half = LEAST_SPAN / 2;
	if (high - low >= LEAST_SPAN) return [low, high];
	// Values around zero have it in the middle, so that the ticks are round.
	const middle = Math.max(Math.abs(low), Math.abs(high)) <= half ? 0 : (low + high) / 2;
	return [middle - half, middle + half];
}

/** Most ticks of a small chart. */
const MOST_TICKS = 4;

/** Both ends, and zero or the middle. */
function fewOf(ticks: readonly number[]): readonly number[] {
	if (ticks.length <= MOST_TICKS) return ticks;
	const inner = ticks.slice(1, -1);
	const kept = inner.includes(0) ? 0 : inner[Math.floor(inner.length / 2)];
	return [ticks[0], kept, ticks.at(-1)].filter((tick) => tick !== undefined);
}

export interface CurveScale {
	/** First and last value, and last step. */
	readonly low: number;
	readonly high: number;
	readonly steps: number;
}

/** The points of a polyline in the chart's units; values that are no numbers are left out. */
export function curvePoints(curves: RunCurves, metric: BandMetric, { low, high, steps }: CurveScale): string {
	const at = metric === 'score' ? curves.scores.map(({ step }) => step) : curves.steps;
	const span = high > low ? high - low : 1;
	return valuesOf(curves, metric)
		.map((value, i) => {
			if (!Number.isFinite(value)) return '';
			const x = ((at[i] ?? 0) / Math.max(1, steps)) * CHART.width;
			const y = CHART.height - ((value - low) / span) * CHART.height;
			return `${x.toFixed(1)},${y.toFixed(1)}`;
		})
		.filter((point) => point !== '')
		.join(' ');
}
