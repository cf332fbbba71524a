/** Marks of a LiveCurve on the canvas: zero, reference, the newest step, whiskers, the ring at step 0. */
import uPlot from 'uplot';
import type { CurveInput, Palette } from './curveInput.ts';

/** Draws the zero line, the reference and the line of the newest step, behind the data. */
export function drawBehind(u: uPlot, input: CurveInput, colors: Palette): void {
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
	const { newest } = input;
	if (newest !== null && newest > 0) {
		const x = u.valToPos(newest, 'x', true);
		ctx.lineWidth = ratio;
		if (x <= bbox.left + bbox.width + 1)
			stroke(ctx, colors['fg-4'], [], [x, bbox.top, x, bbox.top + bbox.height]);
	}
	ctx.restore();
}

/** Draws the whiskers, and the ring at step 0. */
export function drawMarks(u: uPlot, input: CurveInput, colors: Palette): void {
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
