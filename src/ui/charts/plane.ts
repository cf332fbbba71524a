/**
 * Contents of the (r_w, r_l) plane. The field is pure arithmetic on the objective. The pairs are on a canvas,
 * because hundreds of them move at every step.
 */
import type { CompiledObjective } from '#core/loss/objectives/objective.ts';
import { valuesAtRewards } from '#core/loss/objectives/values.ts';
import { contours, evenLevels } from './contour.ts';
import type { PlaneScale } from './planeScale.ts';

/** Position of one pair: the implicit rewards of its two completions. */
export interface PlanePair {
	id: string;
	/** Name on the page: “pair 137”. */
	name: string;
	chosen: number;
	rejected: number;
	/** Earlier positions, oldest first, without the start. */
	trail: readonly { chosen: number; rejected: number }[];
	/** True if the pair is in the batch of this step. */
	inBatch: boolean;
}

export interface Arrow {
	/** SVG path of shaft and head, on the picture's [−1, 1]². */
	path: string;
	strength: number;
}

const GRID = 13;
const CONTOURS = 9;
/** CSS pixels between a dot's centre and the border, at least: a dot and its ring are never cut. */
const EDGE = 10;

/**
 * Direction of gradient descent, −∇loss, on an even grid of the picture. The length is proportional to the
 * gradient in reward units (the longest arrow fills its cell); the direction is the one on the picture.
 */
export function fieldArrows(
	objective: CompiledObjective,
	scale: PlaneScale,
): { arrows: Arrow[]; longest: number } {
	const cell = 2 / GRID;
	const grid = Array.from({ length: GRID }, (_, i) => -1 + (i + 0.5) * cell);
	const pushes = grid.flatMap((x) =>
		grid.map((y) => {
			const [chosen, rejected] = [scale.from(x), scale.from(y)];
			const gradient = objective.rewardGradientOf(valuesAtRewards(chosen, rejected));
			const [dx, dy] = [-gradient.chosen * scale.slope(chosen), -gradient.rejected * scale.slope(rejected)];
			return { x, y, dx, dy, size: Math.hypot(gradient.chosen, gradient.rejected) };
		}),
	);
	const longest = Math.max(...pushes.map(({ size }) => size));
	const arrows = pushes.flatMap(({ x, y, dx, dy, size }) => {
		const length = longest === 0 ? 0 : (0.86 * cell * size) / longest;
		const seen = Math.hypot(dx, dy);
		if (length < cell * 0.03 || seen === 0) return [];
		return [{ path: arrow(x, y, (dx / seen) * length, (dy / seen) * length, cell), strength: size }];
	});
	return { arrows, longest };
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

/** Lines of equal loss, on the picture's [−1, 1]². */
export function lossContours(objective: CompiledObjective, scale: PlaneScale): string {
	const loss = (x: number, y: number): number =>
		objective.lossOf(valuesAtRewards(scale.from(x), scale.from(y)));
	return contours(loss, 1, evenLevels(loss, 1, CONTOURS));
}

export interface DotColors {
	ground: string;
	ink: string;
	quiet: string;
	trail: string;
}

export interface DotScene {
	/** Listed so that a change of theme redraws; the colours carry its effect. */
	theme: boolean | null;
	pairs: readonly PlanePair[];
	tracked: string | null;
	/** The pair under the pointer or the keyboard cursor. */
	pointed: string | null;
	scale: PlaneScale;
	/** CSS pixels per side. */
	size: number;
	trails: boolean;
	colors: DotColors;
}

/** Pixel position of a pair; a pair outside the plane is drawn at its border. */
export function pixelOf(
	pair: { chosen: number; rejected: number },
	scale: PlaneScale,
	size: number,
): [number, number] {
	const inside = (place: number): number => Math.min(Math.max(place, EDGE), Math.max(size - EDGE, EDGE));
	return [
		inside(((scale.to(pair.chosen) + 1) / 2) * size),
		inside(((1 - scale.to(pair.rejected)) / 2) * size),
	];
}

/** Draws trails below dots, the batch above the other pairs, the tracked pair on top. */
export function drawDots(ctx: CanvasRenderingContext2D, scene: DotScene): void {
	const { pairs, tracked, pointed, size, colors, scale } = scene;
	ctx.clearRect(0, 0, size, size);
	const isTracked = (pair: PlanePair): boolean => pair.id === tracked;
	if (scene.trails) {
		for (const pair of pairs)
			if (pair.inBatch && !isTracked(pair)) drawTrail(ctx, pair, scene, colors.trail, 1);
		for (const pair of pairs) if (isTracked(pair)) drawTrail(ctx, pair, scene, colors.ink, 1.8);
	}
	const layers = [
		pairs.filter((pair) => !pair.inBatch && !isTracked(pair)),
		pairs.filter((pair) => pair.inBatch && !isTracked(pair)),
		pairs.filter(isTracked),
	];
	layers.forEach((layer, depth) => {
		for (const pair of layer)
			drawDot(
				ctx,
				pixelOf(pair, scale, size),
				depth === 0 ? 2.6 : 4,
				pair,
				colors,
				depth === 0 ? colors.quiet : colors.ink,
			);
	});
	for (const pair of pairs) {
		if (!isTracked(pair) && pair.id !== pointed) continue;
		const [x, y] = pixelOf(pair, scale, size);
		ctx.beginPath();
		ctx.arc(x, y, 8.5, 0, 2 * Math.PI);
		ctx.strokeStyle = colors.ink;
		ctx.lineWidth = isTracked(pair) ? 2 : 1;
		ctx.stroke();
	}
}

function drawTrail(
	ctx: CanvasRenderingContext2D,
	pair: PlanePair,
	scene: DotScene,
	color: string,
	width: number,
): void {
	ctx.beginPath();
	ctx.moveTo(...pixelOf({ chosen: 0, rejected: 0 }, scene.scale, scene.size));
	for (const point of pair.trail) ctx.lineTo(...pixelOf(point, scene.scale, scene.size));
	ctx.strokeStyle = color;
	ctx.lineWidth = width;
	ctx.stroke();
}

/** Draws a dot, filled if the margin is above 0, else hollow; a background ring separates neighbours. */
function drawDot(
	ctx: CanvasRenderingContext2D,
	[x, y]: readonly [number, number],
	radius: number,
	pair: PlanePair,
	colors: DotColors,
	color: string,
): void {
	ctx.beginPath();
	ctx.arc(x, y, radius, 0, 2 * Math.PI);
	if (pair.chosen > pair.rejected) {
		ctx.strokeStyle = colors.ground;
		ctx.lineWidth = 2;
		ctx.stroke();
		ctx.fillStyle = color;
		ctx.fill();
	} else {
		ctx.fillStyle = colors.ground;
		ctx.fill();
		ctx.strokeStyle = color;
		ctx.lineWidth = 1.6;
		ctx.stroke();
	}
}

/** The nearest pair within `reach` pixels. */
export function pairAt(
	pairs: readonly PlanePair[],
	x: number,
	y: number,
	scale: PlaneScale,
	size: number,
	reach = 14,
): PlanePair | null {
	let best: PlanePair | null = null;
	let distance = reach;
	for (const pair of pairs) {
		const [px, py] = pixelOf(pair, scale, size);
		const here = Math.hypot(px - x, py - y);
		if (here < distance) [best, distance] = [pair, here];
	}
	return best;
}

/** The nearest pair in a direction of the plane; sideways distance counts double. */
export function neighbour(pairs: readonly PlanePair[], from: PlanePair, dx: number, dy: number): PlanePair {
	let best = from;
	let distance = Infinity;
	for (const pair of pairs) {
		const along = (pair.chosen - from.chosen) * dx + (pair.rejected - from.rejected) * dy;
		const across =
			Math.abs((pair.chosen - from.chosen) * dy) + Math.abs((pair.rejected - from.rejected) * dx);
		if (pair.id === from.id || along <= 1e-9) continue;
		const here = along + 2 * across;
		if (here < distance) [best, distance] = [pair, here];
	}
	return best;
}
