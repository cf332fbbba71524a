/** The still part of the (r_w, r_l) plane: the objective's gradient field, its contours, and its goal. Pure arithmetic. */
import type { CompiledObjective, Sides } from '#core/loss/objectives/objective.ts';
import { readPlane, type PlaneSetting } from '#core/loss/objectives/planePoint.ts';
import { gridPlace, heightsOf, rangeOf, type HeightGrid } from './contour.ts';
import type { PlaneScale } from './planeScale.ts';

export interface Arrow {
	/** SVG path of shaft and head, on the picture's [−1, 1]². */
	path: string;
	strength: number;
	/** Its centre, and half the sides of the box around it, on the same square. */
	at: readonly [x: number, y: number];
	half: readonly [x: number, y: number];
}

/** A label on the plane. CSS pixels; y grows downwards. */
export interface LabelBox {
	readonly at: readonly [x: number, y: number];
	readonly width: number;
	readonly height: number;
}

/** The arrows that no label covers. @param size CSS pixels per side of the plane */
export function uncovered(
	arrows: readonly Arrow[],
	labels: readonly LabelBox[],
	size: number,
): readonly Arrow[] {
	if (size === 0) return arrows;
	const pixels = size / 2;
	return arrows.filter(
		({ at, half }) =>
			!labels.some(
				(label) =>
					Math.abs((at[0] + 1) * pixels - label.at[0]) < half[0] * pixels + label.width / 2 &&
					Math.abs((1 - at[1]) * pixels - label.at[1]) < half[1] * pixels + label.height / 2,
			),
	);
}

const GRID = 13;

/**
 * Direction of gradient descent, −∇loss, on an even grid of the picture. The length is proportional to the gradient in reward units
 * (the longest arrow fills its cell); the direction is the one on the picture. No arrow at points without a finite gradient.
 */
export function fieldArrows(
	objective: CompiledObjective,
	setting: PlaneSetting,
	scale: PlaneScale,
): { arrows: Arrow[]; longest: number } {
	const cell = 2 / GRID;
	const grid = Array.from({ length: GRID }, (_, i) => -1 + (i + 0.5) * cell);
	const pushes = grid.flatMap((x) =>
		grid.flatMap((y) => {
			const [chosen, rejected] = [scale.from(x), scale.from(y)];
			const gradient = finiteGradient(objective, setting, { chosen, rejected });
			if (gradient === null) return [];
			const size = Math.hypot(gradient.chosen, gradient.rejected);
			const [dx, dy] = [-gradient.chosen * scale.slope(chosen), -gradient.rejected * scale.slope(rejected)];
			return [{ x, y, dx, dy, size }];
		}),
	);
	const longest = longestShown(pushes.map(({ size }) => size));
	const arrows = pushes.flatMap(({ x, y, dx, dy, size }) => {
		const length = longest === 0 ? 0 : 0.86 * cell * Math.min(1, size / longest);
		const seen = Math.hypot(dx, dy);
		if (length < cell * 0.03 || seen === 0) return [];
		const [along, up] = [(dx / seen) * length, (dy / seen) * length];
		const half = [Math.abs(along) / 2, Math.abs(up) / 2] as const;
		return [{ path: arrow(x, y, along, up, cell), strength: size, at: [x, y] as const, half }];
	});
	return { arrows, longest };
}

/** Null at points without a finite loss and gradient. */
function finiteGradient(
	objective: CompiledObjective,
	setting: PlaneSetting,
	point: Sides<number>,
): Sides<number> | null {
	const reading = readPlane(objective, setting, point);
	if (reading === null) return null;
	const { loss, gradient } = reading;
	return [loss, gradient.chosen, gradient.rejected].every(Number.isFinite) ? gradient : null;
}

/** A gradient that explodes towards a corner must not shrink all other arrows to nothing. */
function longestShown(sizes: readonly number[]): number {
	const sorted = [...sizes].sort((a, b) => a - b);
	const largest = sorted.at(-1) ?? 0;
	const usual = sorted[Math.floor(0.9 * (sorted.length - 1))] ?? 0;
	return usual > 0 ? Math.min(largest, 4 * usual) : largest;
}

/** A shaft centred at (x, y), with a head whose size follows the shaft. */
function arrow(x: number, y: number, dx: number, dy: number, cell: number): string {
	const length = Math.hypot(dx, dy);
	const head = Math.min(0.24 * cell, 0.45 * length);
	const [ux, uy] = [dx / length, dy / length];
	const tip = [x + dx / 2, y + dy / 2] as const;
	const wing = (side: number): string =>
		`${(tip[0] - head * (ux + side * 0.55 * uy)).toFixed(3)} ${(tip[1] - head * (uy - side * 0.55 * ux)).toFixed(3)}`;
	const end = `${tip[0].toFixed(3)} ${tip[1].toFixed(3)}`;
	return `M${(x - dx / 2).toFixed(3)} ${(y - dy / 2).toFixed(3)}L${end}M${wing(1)}L${end}L${wing(-1)}`;
}

/** The loss on the picture's [−1, 1]²; NaN at points that no pair can reach. */
export function lossHeights(
	objective: CompiledObjective,
	setting: PlaneSetting,
	scale: PlaneScale,
): HeightGrid {
	return heightsOf(
		(x, y) => readPlane(objective, setting, { chosen: scale.from(x), rejected: scale.from(y) })?.loss ?? NaN,
		1,
	);
}

/** Heights this close to the lowest, as a share of the range, equal it. */
const EQUAL = 1e-9;
/** With more than this share of the picture at the lowest loss, the objective wants nothing in particular. */
const MOST = 0.6;

/**
 * The lowest loss on the picture, where descent leads: its corner, if the lowest points reach exactly one, or else their middle.
 * Null if the loss is flat or has no lowest finite value.
 */
export function goalOf(grid: HeightGrid): readonly [x: number, y: number] | null {
	const range = rangeOf(grid);
	if (range === null) return null;
	const points = grid.rows.flatMap((row, j) =>
		row.map((height, i) => ({ height, x: gridPlace(grid, i), y: gridPlace(grid, j) })),
	);
	const lowest = points.reduce((low, { height }) => (height < low ? height : low), Infinity);
	const near = points.filter(({ height }) => height <= lowest + EQUAL * (range.high - lowest));
	if (range.high <= lowest || near.length > MOST * points.length) return null;
	const [corner, ...others] = near.filter(
		({ x, y }) => Math.abs(x) === grid.extent && Math.abs(x) === Math.abs(y),
	);
	if (corner && others.length === 0) return [corner.x, corner.y];
	const middle = (of: 'x' | 'y'): number => near.reduce((sum, point) => sum + point[of], 0) / near.length;
	return [middle('x'), middle('y')];
}
