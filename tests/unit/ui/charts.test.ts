import { ASSUMED_SETTING } from '#core/loss/objectives/planePoint.ts';
import { objectiveOf } from '#core/loss/objectives/registry.ts';
import { contours, heightsOf } from '#ui/charts/contour.ts';
import { pushApart } from '#ui/charts/labels.ts';
import { neighbour, pairAt, pixelOf, type PlanePair } from '#ui/charts/plane.ts';
import { fieldArrows, uncovered } from '#ui/charts/planeField.ts';
import { limitFor, planeScale } from '#ui/charts/planeScale.ts';
import { smooth } from '#core/math/smooth.ts';
import { scoreAt } from '#ui/charts/strength.ts';
import { labelledTicks, tickLabels } from '#ui/charts/ticks.ts';
import { describe, expect, test } from 'vitest';

const pair = (id: string, chosen: number, rejected: number): PlanePair => ({
	id,
	name: id,
	chosen,
	rejected,
	trail: [],
	inBatch: false,
	lengths: null,
});

test.each([
	[
		[0, 0.25, 0.5, 0.75, 1],
		['0.00', '0.25', '0.50', '0.75', '1.00'],
	],
	[
		[-0.5, 0, 0.5],
		['−0.5', '0.0', '0.5'],
	],
	[
		[0, 0.0025, 0.005, 0.01],
		['0.0000', '0.0025', '0.0050', '0.0100'],
	],
	[
		[0, 1, 2],
		['0.0', '1.0', '2.0'],
	],
	[
		[-10, -7.5, -5, -2.5, 0],
		['−10.0', '−7.5', '−5.0', '−2.5', '0.0'],
	],
	[
		[0, 20, 40],
		['0', '20', '40'],
	],
	[
		[0, 0.002, 0.004],
		['0', '2e−3', '4e−3'],
	],
])('ticks %j are told apart by what stands beside them', (splits, labels) => {
	expect(tickLabels(splits)).toEqual(labels);
});

test.each([
	[6, [-0.6, -0.4, -0.2, 0, 0.2, 0.4]],
	[3.3, [-0.4, 0, 0.4]],
	[1, [0]],
	[0, [0]],
])('in a room of %d labels, ticks keep zero and equal distances', (room, labelled) => {
	expect(labelledTicks([-0.6, -0.4, -0.2, 0, 0.2, 0.4], room)).toEqual(labelled);
});

describe('labels at line ends', () => {
	test('neighbours end up at least the gap apart, in their own order', () => {
		const placed = pushApart([50, 52, 10], 14.5, 0, 100);
		expect(placed[1]! - placed[0]!).toBeGreaterThanOrEqual(14.5);
		expect(placed[2]).toBe(10);
	});

	test('what would leave at the bottom is pushed back up', () => {
		const placed = pushApart([98, 99, 100], 14.5, 0, 100);
		expect(placed).toEqual([71, 85.5, 100]);
	});
});

describe('smoothing', () => {
	test('begins at the first measurement and keeps a constant', () => {
		for (const value of smooth([2, 2, 2], 0.9)) expect(value).toBeCloseTo(2, 12);
	});

	test('gaps stay gaps', () => {
		expect(smooth([1, null, 1], 0.5)[1]).toBeNull();
	});
});

describe('the plane’s field', () => {
	test('of APO-zero pushes chosen up and rejected down everywhere', () => {
		const { arrows, longest } = fieldArrows(objectiveOf('apo_zero'), ASSUMED_SETTING, planeScale(3));
		expect(longest).toBeCloseTo(Math.hypot(0.25, 0.25), 2);
		for (const { path } of arrows) {
			const [x0, y0, x1, y1] = path.slice(1).split(/[ LM]/).map(Number) as [number, number, number, number];
			expect(x1).toBeGreaterThan(x0);
			expect(y1).toBeLessThan(y0);
		}
	});

	test('leaves out the arrows below a label, and no others', () => {
		const { arrows } = fieldArrows(objectiveOf('apo_zero'), ASSUMED_SETTING, planeScale(3));
		const label = { at: [100, 50], width: 60, height: 15 } as const;
		const left = uncovered(arrows, [label], 400);
		expect(left.length).toBeLessThan(arrows.length);
		for (const { at, half } of arrows) {
			const [x, y] = [(at[0] + 1) * 200, (1 - at[1]) * 200];
			const covers = Math.abs(x - 100) < 30 + half[0] * 200 && Math.abs(y - 50) < 7.5 + half[1] * 200;
			expect(left.some((one) => one.at === at)).toBe(!covers);
		}
		expect(uncovered(arrows, [label], 0)).toBe(arrows);
	});

	test('contours of x are vertical lines', () => {
		const path = contours(
			heightsOf((x) => x, 1, 4),
			[0.25],
		);
		const xs = [...path.matchAll(/[ML](-?[\d.]+) /g)].map((found) => Number(found[1]));
		expect(xs.length).toBeGreaterThan(0);
		for (const x of xs) expect(x).toBeCloseTo(0.25, 6);
	});

	test('grows only when more than one pair in fifty lies outside', () => {
		const inside = Array.from({ length: 99 }, () => 0);
		expect(limitFor([...inside, 5])).toBe(3);
		expect(limitFor([...inside.slice(0, 10), 5])).toBe(10);
		expect(limitFor([])).toBe(3);
	});
});

describe('the far scale', () => {
	test('is its own inverse’s inverse, has the slope it says, and is the same on both sides of 0', () => {
		const scale = planeScale(30);
		for (const reward of [-20, -1, 0, 0.3, 7]) {
			expect(scale.from(scale.to(reward))).toBeCloseTo(reward, 9);
			expect((scale.to(reward + 1e-6) - scale.to(reward - 1e-6)) / 2e-6).toBeCloseTo(scale.slope(reward), 6);
			expect(scale.to(-reward)).toBeCloseTo(-scale.to(reward), 12);
		}
		expect([scale.to(30), scale.to(99)]).toEqual([1, 1]);
	});
});

describe('pairs on the plane', () => {
	test('up is more reward of rejected, and what lies outside is held at the border', () => {
		expect(pixelOf({ chosen: 0, rejected: 3 }, planeScale(3), 100)).toEqual([50, 10]);
		expect(pixelOf({ chosen: 9, rejected: 0 }, planeScale(3), 100)).toEqual([90, 50]);
	});

	test('the nearest dot within reach is found, none beyond', () => {
		const pairs = [pair('a', 0, 0), pair('b', 1, 0)];
		expect(pairAt(pairs, 52, 50, planeScale(3), 100)?.id).toBe('a');
		expect(pairAt(pairs, 5, 5, planeScale(3), 100)).toBeNull();
	});

	test('an arrow key finds the neighbour that lies that way, or stays', () => {
		const [a, b, c] = [pair('a', 0, 0), pair('b', 1, 0.1), pair('c', 2, 0)] as const;
		expect(neighbour([a, b, c], a, 1, 0).id).toBe('b');
		expect(neighbour([a, b, c], c, 1, 0).id).toBe('c');
	});
});

describe('score by strength', () => {
	const points = [
		{ strength: 0, score: 0.2, low: 0, high: 1 },
		{ strength: 1, score: 0.8, low: 0, high: 1 },
	];
	test('is read between the points measured and unknown beyond', () => {
		expect(scoreAt(points, 0.5)).toBeCloseTo(0.5, 12);
		expect(scoreAt(points, 1.2)).toBeNull();
	});
});
