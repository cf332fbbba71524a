/** Data and colours of a curve, shared by its parts. */
import type { CurveSeries } from './series.ts';

export const TOKENS = [
	'bg-1',
	'bg-2',
	'bg-4',
	'fg-1',
	'fg-2',
	'fg-3',
	'fg-4',
	'chosen',
	'rejected',
	'policy',
	'reference',
	'alert',
] as const;
export type Palette = Record<(typeof TOKENS)[number], string>;

export interface CurveInput {
	steps: readonly number[];
	/** The newest step; it can be outside the view. */
	newest: number | null;
	last: number;
	series: readonly CurveSeries[];
	/** CSS pixels. */
	width: number;
	height: number;
	range: readonly [number, number] | undefined;
	/** Values that the axis always includes. */
	reach: readonly number[];
	smoothing: number;
	reference: { value: number } | undefined;
	start: { value: number } | undefined;
	xAxis: boolean;
	view: readonly [number, number] | null;
	/** Changes with the colours or the text size and then requires a new chart. */
	look: string;
}
