/**
 * The drawing of a LiveCurve: a uPlot chart that is updated instead of rebuilt. Redraws at most once per
 * animation frame. The style is in curveOptions.ts and curveMarks.ts.
 */
import uPlot from 'uplot';
import { resolveColors } from './colors.ts';
import { TOKENS, type CurveInput } from './curveInput.ts';
import { curveOptions, textScale, xRange, yRange } from './curveOptions.ts';
import type { ChartLink } from './link.svelte.ts';
import { smooth } from '#core/math/smooth.ts';
import { thinned, type Points } from './thin.ts';

/** Positions after a draw, in CSS pixels of the host, for the labels beside the lines. */
export interface CurveFrame {
	left: number;
	top: number;
	width: number;
	height: number;
	/** Text size relative to the normal size. */
	scale: number;
	/** x of the newest step and y of a value, within the host. */
	endX: number;
	y: (value: number) => number;
}

/** One chart on its host, outside Svelte: created once, then changed by `update`. */
export class Curve {
	readonly #host: HTMLElement;
	readonly #link: ChartLink;
	readonly #onframe: (frame: CurveFrame) => void;
	#input: CurveInput | null = null;
	/** The points of `#input` that are drawn. */
	#points: Points = { steps: [], columns: [] };
	#plot: uPlot | null = null;
	/** Key of the settings that need a new chart; new numbers do not. */
	#shape = '';
	#scheduled = 0;
	/** uPlot reports the cursor at every draw; only moves of the pointer count. */
	#pointing = false;
	#dragged = false;

	constructor(host: HTMLElement, link: ChartLink, onframe: (frame: CurveFrame) => void) {
		this.#host = host;
		this.#link = link;
		this.#onframe = onframe;
		host.addEventListener('dblclick', this.#showWhole);
		host.addEventListener('pointerenter', this.#enter);
		host.addEventListener('pointerleave', this.#leave);
		host.addEventListener('click', this.#stay);
	}

	update(input: CurveInput): void {
		this.#input = input;
		if (this.#scheduled === 0) this.#scheduled = requestAnimationFrame(() => this.#draw());
	}

	setCursor(step: number | null): void {
		if (this.#plot === null) return;
		const place = step === null ? { left: -10, top: -10 } : { left: this.#plot.valToPos(step, 'x'), top: 1 };
		this.#plot.setCursor(place, false);
	}

	destroy(): void {
		cancelAnimationFrame(this.#scheduled);
		this.#host.removeEventListener('dblclick', this.#showWhole);
		this.#host.removeEventListener('pointerenter', this.#enter);
		this.#host.removeEventListener('pointerleave', this.#leave);
		this.#host.removeEventListener('click', this.#stay);
		this.#plot?.destroy();
	}

	#enter = (): void => {
		this.#pointing = true;
	};

	#leave = (): void => {
		this.#pointing = false;
		this.#link.point(null);
	};

	/** A click keeps the step under the pointer; the click that ends a drag does not. */
	#stay = (): void => {
		if (this.#dragged) this.#dragged = false;
		else if (this.#pointing && this.#link.cursor !== null) this.#link.seek(this.#link.cursor);
	};

	#showWhole = (): void => {
		this.#link.view = null;
	};

	#draw(): void {
		this.#scheduled = 0;
		const input = this.#input;
		if (input === null || input.width < 40) return;
		this.#points = pointsOf(input);
		const { smoothing, series, xAxis, height, look } = input;
		const lines = series.map(({ id, whiskers }) => [id, whiskers !== undefined]);
		const shape = JSON.stringify([lines, smoothing > 0, xAxis, height, look]);
		if (this.#plot === null || this.#shape !== shape) {
			this.#plot?.destroy();
			this.#shape = shape;
			this.#plot = this.#make(input);
			return;
		}
		if (this.#plot.width !== input.width) this.#plot.setSize({ width: input.width, height: input.height });
		this.#plot.setData(dataOf(this.#points), false);
		applyScales(this.#plot, input, this.#points);
	}

	#make(input: CurveInput): uPlot {
		const colors = resolveColors(this.#host, TOKENS);
		const hooks = {
			drawn: (u: uPlot) => this.#report(u),
			cursor: (u: uPlot) => this.#follow(u),
			select: (u: uPlot) => this.#zoom(u),
		};
		return new uPlot(
			curveOptions(input, colors, { input: () => this.#input ?? input, points: () => this.#points }, hooks),
			dataOf(this.#points),
			this.#host,
		);
	}

	#report(u: uPlot): void {
		const ratio = uPlot.pxRatio;
		const left = u.bbox.left / ratio;
		const top = u.bbox.top / ratio;
		this.#onframe({
			left,
			top,
			width: u.bbox.width / ratio,
			height: u.bbox.height / ratio,
			scale: textScale(),
			endX: left + u.valToPos(this.#input?.newest ?? 0, 'x'),
			y: (value) => top + u.valToPos(value, 'y'),
		});
	}

	#follow(u: uPlot): void {
		if (!this.#pointing) return;
		const { idx, left } = u.cursor;
		this.#link.point(idx == null || left === undefined || left < 0 ? null : (u.data[0][idx] ?? null));
	}

	#zoom(u: uPlot): void {
		this.#dragged = u.select.width > 0;
		const from = Math.round(u.posToVal(u.select.left, 'x'));
		const to = Math.round(u.posToVal(u.select.left + u.select.width, 'x'));
		u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
		if (to - from >= 2) this.#link.view = [from, to];
	}
}

/** The points in sight; columns are the raw and, if the chart smooths, the smoothed values of every series. */
function pointsOf(input: CurveInput): Points {
	const { steps, series, smoothing, width } = input;
	const columns = series.flatMap(({ values }) =>
		smoothing > 0 ? [values, smooth(values, smoothing)] : [values],
	);
	// Whiskers belong to single points, and series that have them are short.
	if (series.some(({ whiskers }) => whiskers !== undefined)) return { steps, columns };
	return thinned({ steps, columns }, xRange(input), width);
}

/** uPlot's form: x, then the columns. It may keep the lists. */
function dataOf({ steps, columns }: Points): uPlot.AlignedData {
	return [[...steps], ...columns.map((values) => [...values])];
}

function applyScales(u: uPlot, input: CurveInput, points: Points): void {
	const [minX, maxX] = xRange(input);
	const [minY, maxY] = yRange(input, points);
	u.batch(() => {
		u.setScale('x', { min: minX, max: maxX });
		u.setScale('y', { min: minY, max: maxY });
	});
}
