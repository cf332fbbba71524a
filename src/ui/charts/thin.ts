/**
 * Thins series for drawing: of the points that share a pixel column, the smallest and the largest stay, so that a spike of one
 * step is seen in a run of fifty thousand. The work depends on the width of the chart, not on the length of the run.
 */
import { lastAtMost } from '#core/math/lastAtMost.ts';
import { extremesOf, type Values } from './extremes.ts';

export interface Points {
	steps: readonly number[];
	columns: readonly Values[];
}

/** Up to this many points per pixel are drawn as they are. */
const POINTS_PER_PIXEL = 4;

/**
 * @param steps ascending; this and the columns may only grow
 * @param view the first and last step in sight; one more point on either side is kept, so that lines reach the border
 * @param width of the chart, pixels
 */
export function thinned({ steps, columns }: Points, view: readonly [number, number], width: number): Points {
	const start = Math.max(0, lastAtMost(steps, view[0]) - 1);
	const end = Math.min(steps.length, lastAtMost(steps, view[1]) + 2);
	const pixels = Math.max(1, Math.floor(width));
	if (end - start <= POINTS_PER_PIXEL * pixels) {
		return { steps: steps.slice(start, end), columns: columns.map((values) => values.slice(start, end)) };
	}
	const level = Math.ceil(Math.log2((2 * (end - start)) / (POINTS_PER_PIXEL * pixels)));
	return bucketed({ steps, columns }, start, end, Math.max(2, level));
}

/** Two points per bucket: the first and last step of the bucket, with its extremes in their order. */
function bucketed({ steps, columns }: Points, start: number, end: number, level: number): Points {
	const size = 2 ** level;
	const buckets = Array.from(
		{ length: Math.ceil(end / size) - Math.floor(start / size) },
		(_, i) => Math.floor(start / size) + i,
	);
	/** The last bucket of a list may hold a single step. */
	const isPair = (bucket: number): boolean => bucket * size < steps.length - 1;
	return {
		steps: buckets.flatMap((bucket) => {
			const last = Math.min(steps.length, (bucket + 1) * size) - 1;
			return (isPair(bucket) ? [bucket * size, last] : [last]).map((i) => steps[i] ?? 0);
		}),
		columns: columns.map((values) => {
			const extremes = extremesOf(values);
			return buckets.flatMap((bucket) => {
				const [a = -1, b = a] = extremes.bucket(level, bucket);
				return (isPair(bucket) ? [a, b] : [a]).map((i) => values[i] ?? null);
			});
		}),
	};
}
