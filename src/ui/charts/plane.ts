/** The pairs on the (r_w, r_l) plane. They are on a canvas, because hundreds of them move at every step. */
import type { Sides } from '#core/loss/objectives/objective.ts';
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
	/** Predicted tokens of its completions; null if they are not known. */
	lengths: Sides<number> | null;
}

/** A point that the user moves, to read the objective there. */
export interface PlaneProbe extends Sides<number> {
	/** The pair whose dot was dragged; null for a point that belongs to no pair. */
	readonly pair: PlanePair | null;
}

/** CSS pixels between a dot's centre and the border, at least: a dot and its ring are never cut. */
const EDGE = 10;

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

/** The rewards at a pixel of the plane, rounded to what a pixel can tell. */
export function rewardsAt(x: number, y: number, scale: PlaneScale, size: number): Sides<number> {
	const reward = (share: number): number =>
		Math.round(100 * scale.from(Math.min(1, Math.max(-1, 2 * share - 1)))) / 100;
	return { chosen: reward(x / size), rejected: reward(1 - y / size) };
}

/** Presses of an arrow key from the middle of the plane to its border. */
const PRESSES = 30;

/** The point after one press of an arrow key. @param steps presses to the right and upwards */
export function movedBy(
	{ chosen, rejected }: Sides<number>,
	[right, up]: readonly [number, number],
	scale: PlaneScale,
): Sides<number> {
	const moved = (reward: number, steps: number): number => {
		if (steps === 0) return reward;
		const place = Math.min(1, Math.max(-1, scale.to(reward) + steps / PRESSES));
		return Math.round(100 * scale.from(place)) / 100;
	};
	return { chosen: moved(chosen, right), rejected: moved(rejected, up) };
}
