/**
 * The drawing of a LiveCurve: a uPlot chart that is fed, not rebuilt. Redraws at most once an animation frame, however
 * often it is fed.
 */
import uPlot from 'uplot';
import { resolveColors } from './colors.ts';
import type { ChartLink } from './link.svelte.ts';
import type { CurveSeries } from './LiveCurve.svelte';
import { smooth } from './smooth.ts';

export interface CurveInput {
	steps: readonly number[];
	last: number;
	series: readonly CurveSeries[];
	/** CSS pixels. */
	width: number;
	height: number;
	range: readonly [number, number] | undefined;
	/** Values that the axis always reaches. */
	reach: readonly number[];
	smoothing: number;
	reference: { value: number } | undefined;
	start: { value: number } | undefined;
	xAxis: boolean;
	view: readonly [number, number] | null;
}

/** Where things lie after a draw, in CSS pixels of the host: what the labels beside the lines need. */
export interface CurveFrame {
	left: number;
	top: number;
	width: number;
	height: number;
	/** x of the newest step, y of a value; both within the host. */
	endX: number;
	y: (value: number) => number;
}

export interface Curve {
	update(input: CurveInput): void;
	setCursor(step: number | null): void;
	destroy(): void;
}

const TOKENS = [
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
type Palette = Record<(typeof TOKENS)[number], string>;
/** Raw measurements behind their smoothed line. */
const RAW_OPACITY = 0.32;
/** Room at the right for labels once the course is nearly through. */
const LABEL_ROOM = 14;

export function createCurve(host: HTMLElement, link: ChartLink, onframe: (frame: CurveFrame) => void): Curve {
	const colors = resolveColors(host, TOKENS);
	let input: CurveInput | null = null;
	let plot: uPlot | null = null;
	let shape = '';
	let scheduled = 0;
	let moving = false;

	const draw = (): void => {
		scheduled = 0;
		if (input === null || input.width < 40) return;
		const { smoothing, series, xAxis, height } = input;
		// A change of lines or axes needs a new chart; new numbers do not.
		const nextShape = JSON.stringify([
			series.map(({ id, whiskers }) => [id, whiskers !== undefined]),
			smoothing > 0,
			xAxis,
			height,
		]);
		if (plot === null || shape !== nextShape) {
			plot?.destroy();
			shape = nextShape;
			plot = new uPlot(
				options(input, colors, () => input, hooks),
				data(input),
				host,
			);
		} else {
			if (plot.width !== input.width) plot.setSize({ width: input.width, height: input.height });
			plot.setData(data(input), false);
			applyScales(plot, input);
		}
	};
	const hooks = {
		drawn(u: uPlot): void {
			const ratio = uPlot.pxRatio;
			const newest = input?.steps.at(-1) ?? 0;
			const left = u.bbox.left / ratio;
			const top = u.bbox.top / ratio;
			onframe({
				left,
				top,
				width: u.bbox.width / ratio,
				height: u.bbox.height / ratio,
				endX: left + u.valToPos(newest, 'x'),
				y: (value) => top + u.valToPos(value, 'y'),
			});
		},
		cursor(u: uPlot): void {
			if (moving) return;
			const index = u.cursor.idx;
			link.cursor =
				index === null || index === undefined || (u.cursor.left ?? -1) < 0
					? null
					: (u.data[0][index] ?? null);
		},
		select(u: uPlot): void {
			const from = Math.round(u.posToVal(u.select.left, 'x'));
			const to = Math.round(u.posToVal(u.select.left + u.select.width, 'x'));
			u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
			if (to - from >= 2) link.view = [from, to];
		},
	};
	const whole = (): void => {
		link.view = null;
	};
	host.addEventListener('dblclick', whole);

	return {
		update(next) {
			input = next;
			if (scheduled === 0) scheduled = requestAnimationFrame(draw);
		},
		setCursor(step) {
			if (plot === null) return;
			moving = true;
			plot.setCursor(step === null ? { left: -10, top: -10 } : { left: plot.valToPos(step, 'x'), top: 1 });
			moving = false;
		},
		destroy() {
			cancelAnimationFrame(scheduled);
			host.removeEventListener('dblclick', whole);
			plot?.destroy();
		},
	};
}

/** x, then for every series its raw and its smoothed values. */
function data({ steps, series, smoothing }: CurveInput): uPlot.AlignedData {
	return [
		[...steps],
		...series.flatMap(({ values }) =>
			smoothing > 0 ? [[...values], smooth(values, smoothing)] : [[...values]],
		),
	];
}

function xRange({ view, last, steps }: CurveInput): [number, number] {
	return view === null ? [Math.min(0, steps[0] ?? 0), Math.max(last, 1)] : [view[0], view[1]];
}

function yRange(input: CurveInput): [number, number] {
	if (input.range !== undefined) return [input.range[0], input.range[1]];
	let low = Infinity;
	let high = -Infinity;
	const take = (value: number | null | undefined): void => {
		if (value === null || value === undefined || !Number.isFinite(value)) return;
		low = Math.min(low, value);
		high = Math.max(high, value);
	};
	const [first, final] = xRange(input);
	for (const { values, whiskers } of input.series) {
		input.steps.forEach((step, i) => {
			if (step < first || step > final) return;
			take(values[i]);
			whiskers?.[i]?.forEach(take);
		});
	}
	take(input.reference?.value);
	take(input.start?.value);
	input.reach.forEach(take);
	if (low > high) return [0, 1];
	const pad = Math.max((high - low) * 0.08, 1e-6 + Math.abs(high) * 0.02);
	return [low - pad, high + pad];
}

function applyScales(u: uPlot, input: CurveInput): void {
	const [minX, maxX] = xRange(input);
	const [minY, maxY] = yRange(input);
	u.batch(() => {
		u.setScale('x', { min: minX, max: maxX });
		u.setScale('y', { min: minY, max: maxY });
	});
}

interface CurveHooks {
	drawn(u: uPlot): void;
	cursor(u: uPlot): void;
	select(u: uPlot): void;
}

function options(
	first: CurveInput,
	colors: Palette,
	current: () => CurveInput | null,
	hooks: CurveHooks,
): uPlot.Options {
	const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
	const font = `${Math.round(11.5 * rem)}px "IBM Plex Sans Variable", sans-serif`;
	const input = (): CurveInput => current() ?? first;
	const axis = { font, stroke: colors['fg-3'], ticks: { show: false }, gap: 6 } as const;
	return {
		width: first.width,
		height: first.height,
		legend: { show: false },
		padding: [6, LABEL_ROOM, first.xAxis ? 0 : 6, 0],
		cursor: {
			y: false,
			drag: { x: true, y: false, setScale: false },
			points: { size: 7, width: 1.5, fill: colors['bg-2'] },
		},
		scales: {
			x: { time: false, range: () => xRange(input()) },
			y: { range: () => yRange(input()) },
		},
		axes: [
			{
				...axis,
				show: first.xAxis,
				size: 22 * rem,
				space: 48 * rem,
				grid: { show: false },
				values: (_, splits) => splits.map((step, i) => (i === 0 ? `step ${step}` : String(step))),
			},
			{
				...axis,
				size: 36 * rem,
				space: 28 * rem,
				grid: { stroke: colors['bg-4'], width: 1, dash: [1, 3] },
				values: (_, splits) => splits.map(tick),
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

function lines(series: CurveSeries, colors: Palette, smoothed: boolean): uPlot.Series[] {
	const base: uPlot.Series = {
		stroke: colors[series.color],
		width: 2,
		points: series.points === true ? { show: true, size: 7, fill: colors[series.color] } : { show: false },
		...(series.dash === undefined ? {} : { dash: [...series.dash] }),
	};
	if (!smoothed) return [base];
	return [{ stroke: colors[series.color], width: 1, alpha: RAW_OPACITY, points: { show: false } }, base];
}

const tick = (value: number): string =>
	value.toFixed(Math.abs(value) >= 10 ? 0 : Math.abs(value * 10) % 1 > 1e-6 ? 2 : 1).replace('-', '−');

/** Zero line, reference and the line of now, behind the data. */
function drawBehind(u: uPlot, input: CurveInput, colors: Palette): void {
	const { ctx, bbox } = u;
	const ratio = uPlot.pxRatio;
	const horizontal = (value: number, color: string, dash: number[]): void => {
		const y = u.valToPos(value, 'y', true);
		if (y < bbox.top || y > bbox.top + bbox.height) return;
		stroke(ctx, color, dash, [bbox.left, y, bbox.left + bbox.width, y]);
	};
	ctx.save();
	ctx.lineWidth = ratio;
	horizontal(0, colors['bg-4'], []);
	if (input.reference !== undefined) {
		ctx.lineWidth = 1.4 * ratio;
		horizontal(input.reference.value, colors.reference, [1.5 * ratio, 3 * ratio]);
	}
	const newest = input.steps.at(-1);
	if (newest !== undefined && newest > 0) {
		const x = u.valToPos(newest, 'x', true);
		ctx.lineWidth = ratio;
		if (x <= bbox.left + bbox.width + 1)
			stroke(ctx, colors['fg-4'], [], [x, bbox.top, x, bbox.top + bbox.height]);
	}
	ctx.restore();
}

/** Whiskers, and the ring at step 0. */
function drawMarks(u: uPlot, input: CurveInput, colors: Palette): void {
	const { ctx } = u;
	const ratio = uPlot.pxRatio;
	ctx.save();
	ctx.setLineDash([]);
	ctx.lineWidth = 1.5 * ratio;
	for (const { whiskers, color } of input.series) {
		whiskers?.forEach((interval, i) => {
			if (interval === null) return;
			const x = u.valToPos(input.steps[i] ?? 0, 'x', true);
			stroke(
				ctx,
				colors[color],
				[],
				[x, u.valToPos(interval[0], 'y', true), x, u.valToPos(interval[1], 'y', true)],
			);
		});
	}
	if (input.start !== undefined && input.view === null) {
		ctx.beginPath();
		ctx.arc(u.valToPos(0, 'x', true), u.valToPos(input.start.value, 'y', true), 3.2 * ratio, 0, 2 * Math.PI);
		ctx.fillStyle = colors['bg-1'];
		ctx.strokeStyle = colors['fg-1'];
		ctx.fill();
		ctx.stroke();
	}
	ctx.restore();
}

function stroke(
	ctx: CanvasRenderingContext2D,
	color: string,
	dash: number[],
	line: readonly [number, number, number, number],
): void {
	ctx.strokeStyle = color;
	ctx.setLineDash(dash);
	ctx.beginPath();
	ctx.moveTo(line[0], line[1]);
	ctx.lineTo(line[2], line[3]);
	ctx.stroke();
}
