/** uPlot options of a LiveCurve: scales, axes, lines. */
import type uPlot from 'uplot';
import type { CurveInput, Palette } from './curveInput.ts';
import { drawBehind, drawMarks } from './curveMarks.ts';
import type { CurveSeries } from './series.ts';
import type { Points } from './thin.ts';
import { tickLabels } from './ticks.ts';

/** Opacity of the raw values behind their smoothed line. */
const RAW_OPACITY = 0.32;
/** Width for the labels when training is complete, in CSS pixels at the normal text size. */
const LABEL_ROOM = 100;

export interface CurveHooks {
	drawn: (u: uPlot) => void;
	cursor: (u: uPlot) => void;
	select: (u: uPlot) => void;
}

/** The current state of a curve. */
export interface CurveNow {
	input: () => CurveInput;
	points: () => Points;
}

export function curveOptions(
	first: CurveInput,
	colors: Palette,
	{ input, points }: CurveNow,
	hooks: CurveHooks,
): uPlot.Options {
	const rem = textScale();
	const font = `${Math.round(11.5 * rem)}px "IBM Plex Sans Variable", sans-serif`;
	const axis = { font, stroke: colors['fg-3'], ticks: { show: false }, gap: 6 } as const;
	return {
		width: first.width,
		height: first.height,
		legend: { show: false },
		padding: [6, LABEL_ROOM * rem, first.xAxis ? 0 : 6, 0],
		cursor: {
			y: false,
			drag: { x: true, y: false, setScale: false },
			points: { size: 7, width: 1.5, fill: colors['bg-2'] },
		},
		scales: {
			x: { time: false, range: () => xRange(input()) },
			y: { range: () => yRange(input(), points()) },
		},
		axes: [
			{
				...axis,
				show: first.xAxis,
				size: 22 * rem,
				space: 40 * rem,
				incrs: [1, 10, 100, 1000, 10_000, 100_000].flatMap((n) => [n, 2 * n, 5 * n]),
				grid: { show: false },
				values: (_, splits) => splits.map((step, i) => (i === 0 ? `step ${step}` : String(step))),
			},
			{
				...axis,
				size: 36 * rem,
				space: 21 * rem,
				grid: { stroke: colors['bg-4'], width: 1, dash: [1, 3] },
				values: (_, splits) => tickLabels(splits),
			},
		],
		series: [{}, ...first.series.flatMap((series) => lines(series, colors, first.smoothing > 0))],
		hooks: {
			drawClear: [(u) => drawBehind(u, input(), colors)],
			draw: [
				(u) => {
					drawMarks(u, input(), colors);
					hooks.drawn(u);
				},
			],
			setCursor: [hooks.cursor],
			setSelect: [hooks.select],
		},
	};
}

/** 1 at the normal text size, 1.25 in lecture size, more in a presented region. */
export function textScale(): number {
	return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
}

function lines(series: CurveSeries, colors: Palette, smoothed: boolean): uPlot.Series[] {
	const base: uPlot.Series = {
		stroke: colors[series.color],
		width: 2,
		spanGaps: series.points === true,
		points: series.points === true ? { show: true, size: 7, fill: colors[series.color] } : { show: false },
		...(series.dash === undefined ? {} : { dash: [...series.dash] }),
	};
	if (!smoothed) return [base];
	return [{ stroke: colors[series.color], width: 1, alpha: RAW_OPACITY, points: { show: false } }, base];
}

export function xRange({ view, last, steps }: CurveInput): [number, number] {
	return view === null ? [Math.min(0, steps[0] ?? 0), Math.max(last, 1)] : [view[0], view[1]];
}

export function yRange(input: CurveInput, { steps, columns }: Points): [number, number] {
	if (input.range !== undefined) return [input.range[0], input.range[1]];
	let low = Infinity;
	let high = -Infinity;
	const include = (value: number | null | undefined): void => {
		if (value === null || value === undefined || !Number.isFinite(value)) return;
		low = Math.min(low, value);
		high = Math.max(high, value);
	};
	const [first, final] = xRange(input);
	const isInView = (step: number | undefined): boolean =>
		step !== undefined && step >= first && step <= final;
	for (const values of columns)
		for (const [i, value] of values.entries()) if (isInView(steps[i])) include(value);
	for (const { whiskers } of input.series)
		whiskers?.forEach((interval, i) => {
			if (isInView(input.steps[i])) interval?.forEach(include);
		});
	include(input.reference?.value);
	include(input.start?.value);
	input.reach.forEach(include);
	if (low > high) return [0, 1];
	const pad = Math.max((high - low) * 0.08, 1e-6 + Math.abs(high) * 0.02);
	return [low - pad, high + pad];
}
