import { compileObjective } from '#core/loss/objectives/compile.ts';
import {
	ASSUMED_SETTING,
	largestRewards,
	readPlane,
	type PlaneSetting,
} from '#core/loss/objectives/planePoint.ts';
import { objectiveOf } from '#core/loss/objectives/registry.ts';
import { contours, evenLevels, heightsOf, rangeOf } from '#ui/charts/contour.ts';
import { movedBy, rewardsAt, type PlaneProbe } from '#ui/charts/plane.ts';
import { fieldArrows, goalOf, lossHeights } from '#ui/charts/planeField.ts';
import { placeLabels, type LabelScene } from '#ui/charts/planeLabels.ts';
import { axesNote, readingText } from '#ui/charts/planeReading.ts';
import { planeScale } from '#ui/charts/planeScale.ts';
import { describe, expect, test } from 'vitest';

const own = (loss: string) =>
	compileObjective({ id: 'own', trlName: '', title: 'Own', loss, whenToUse: '', does: '', source: '' });
const setting: PlaneSetting = {
	beta: 0.5,
	lengths: { chosen: 10, rejected: 20 },
	reference: { chosen: -1, rejected: -0.5 },
};

describe('a point of the plane', () => {
	test.each([
		['dpo', 1, -1, -0.119, 0.119],
		['apo_zero', 1, -1, -0.197, 0.197],
		['apo_down', 1, -1, 0.092, 0.105],
		['dpo', -2, 2, -0.982, 0.982],
		['apo_zero', -2, 2, -0.105, 0.105],
		['apo_down', -2, 2, 0.087, 0.018],
	])('%s at (%d, %d) has the gradient (%d, %d), whatever β is', (id, chosen, rejected, w, l) => {
		const reading = readPlane(objectiveOf(id), setting, { chosen, rejected });
		expect(reading?.gradient.chosen).toBeCloseTo(w, 3);
		expect(reading?.gradient.rejected).toBeCloseTo(l, 3);
	});

	test('an objective of log-probabilities reads the reference and the lengths of the setting', () => {
		// log π(y_w) = −1·10 + 1/0.5 = −8, divided by the mean length 10.
		expect(readPlane(objectiveOf('sft'), setting, { chosen: 1, rejected: 0 })?.loss).toBeCloseTo(0.8, 12);
	});

	test('a pair is read with its own lengths', () => {
		const perToken = own('-logp_w/len_w');
		const lengths = { chosen: 4, rejected: 4 };
		expect(readPlane(perToken, setting, { chosen: 0.5, rejected: 0 }, lengths)?.loss).toBeCloseTo(0.75, 12);
	});

	test('no answer is likelier than certain', () => {
		expect(largestRewards(setting)).toEqual({ chosen: 5, rejected: 5 });
		expect(readPlane(objectiveOf('sft'), setting, { chosen: 5.1, rejected: 0 })).toBeNull();
		expect(readPlane(objectiveOf('dpo'), setting, { chosen: 5.1, rejected: 0 })).not.toBeNull();
	});
});

describe('the field', () => {
	const scale = planeScale(3);
	const goal = (loss: string) => goalOf(lossHeights(own(loss), setting, scale));

	test.each([
		['apo_zero', 1, -1],
		['sft', 1, 0],
		['dpo', 1, -1],
	])('leads %s towards (%d, %d) of the picture', (id, x, y) => {
		const place = goalOf(lossHeights(objectiveOf(id), setting, scale));
		expect(place?.[0]).toBeCloseTo(x, 9);
		expect(place?.[1]).toBeCloseTo(y, 9);
		expect(goalOf(lossHeights(objectiveOf(id), { ...setting, beta: 0.01 }, planeScale(100)))).not.toBeNull();
	});

	test('leads APO-down to less of both answers, of the rejected one more', () => {
		const [x = NaN, y = NaN] = goalOf(lossHeights(objectiveOf('apo_down'), setting, scale)) ?? [];
		expect(x).toBeLessThan(-0.3);
		expect(x).toBeGreaterThan(-0.7);
		expect(y).toBeCloseTo(-1, 1);
	});

	test('leads into a valley, and nowhere on flat ground', () => {
		expect(goal('square(r_w - 1.5) + square(r_l + 1.5)')).toEqual([0.5, -0.5]);
		expect(goal('0*r_w + 2')).toBeNull();
	});

	test('has no arrow and no line at points without a finite value', () => {
		const broken = own('log(r_w) + r_l');
		const { arrows, longest } = fieldArrows(broken, setting, scale);
		expect(arrows.length).toBeGreaterThan(0);
		expect(longest).toBeLessThan(Infinity);
		for (const { path } of arrows) expect(Number(path.slice(1).split(' ')[0])).toBeGreaterThan(-0.1);
		const heights = lossHeights(broken, setting, scale);
		expect(contours(heights, evenLevels(heights, 5))).not.toContain('NaN');
		expect(contours(lossHeights(own('log(-1 - abs(r_w))'), setting, scale), [0])).toBe('');
	});

	test('a corner that explodes leaves lines and arrows for the rest', () => {
		const heights = heightsOf((x, y) => (x > 0.9 ? 1e9 : y), 1);
		expect(rangeOf(heights)?.high).toBeLessThan(10);
		const { longest } = fieldArrows(own('exp(5*r_w)'), setting, scale);
		expect(longest).toBeLessThan(5 * Math.exp(15));
	});
});

describe('labels of the plane', () => {
	const scene: LabelScene = {
		size: 400,
		type: 11.5,
		scale: planeScale(3),
		goal: [1, -1],
		names: [],
		marks: [],
	};
	const texts = (changed: Partial<LabelScene>) => placeLabels({ ...scene, ...changed }).map(({ id }) => id);

	test('the goal takes the place of the corner’s name', () => {
		expect(texts({})).toEqual(['goal', 'start', 'margin', 'rejected preferred', 'both up', 'both down']);
		expect(texts({ goal: [-0.5, -1] })).toContain('chosen preferred');
	});

	test('no label covers another one, a mark or the border', () => {
		const busy = {
			size: 220,
			goal: [-0.4, -0.9] as const,
			names: [
				{ name: 'pair 12', place: [112, 108] as const },
				{ name: 'pair 137', place: [200, 20] as const },
			],
			marks: [[110, 110] as const],
		};
		const placed = placeLabels({ ...scene, ...busy });
		expect(placed.map(({ id }) => id)).toEqual(expect.arrayContaining(['pair 12', 'pair 137', 'goal']));
		const width = (text: string): number => text.length * 0.54 * 11.5;
		for (const [i, a] of placed.entries())
			for (const b of placed.slice(i + 1)) {
				if (a.look === 'diagonal' || b.look === 'diagonal') continue;
				const apart =
					Math.abs(a.at[1] - b.at[1]) >= 11.5 * 1.34 ||
					Math.abs(a.at[0] - b.at[0]) >= (width(a.text) + width(b.text)) / 2 - 1e-9;
				expect(apart, `${a.text} and ${b.text}`).toBe(true);
			}
	});

	test('a plane without a size has no labels', () => {
		expect(texts({ size: 0 })).toEqual([]);
	});
});

describe('the point that the user moves', () => {
	test('is where the pointer is, held inside the plane', () => {
		expect(rewardsAt(75, 50, planeScale(3), 100)).toEqual({ chosen: 1.5, rejected: 0 });
		expect(rewardsAt(500, -20, planeScale(3), 100)).toEqual({ chosen: 3, rejected: 3 });
	});

	test('goes the same distance on the picture at every press', () => {
		expect(movedBy({ chosen: 0, rejected: 0 }, [1, 0], planeScale(3))).toEqual({ chosen: 0.1, rejected: 0 });
		expect(movedBy({ chosen: 3, rejected: 0 }, [1, -5], planeScale(3))).toEqual({
			chosen: 3,
			rejected: -0.5,
		});
		const far = planeScale(100);
		expect(movedBy({ chosen: 10, rejected: 0 }, [1, 0], far).chosen).toBeGreaterThan(11);
	});

	test('is read in words', () => {
		const at = (chosen: number, rejected: number): PlaneProbe => ({ chosen, rejected, pair: null });
		expect(readingText(objectiveOf('apo_zero'), setting, at(1, -1))).toBe(
			'loss 0.54, gradient −0.197 on chosen and +0.197 on rejected',
		);
		expect(readingText(own('1/r_w'), setting, at(0, 0))).toBe('the loss has no finite value here');
		expect(readingText(objectiveOf('sft'), setting, at(6, 0))).toBe('no answer is likelier than certain');
	});
});

describe('the note on the axes', () => {
	const assumed = { setting: ASSUMED_SETTING, measured: { lengths: false, reference: false } };
	test('is empty if the rewards are all that the loss reads together', () => {
		expect(axesNote(objectiveOf('dpo'), assumed)).toEqual([]);
	});

	test('names the lengths and log-probabilities that the field uses', () => {
		const note = axesNote(objectiveOf('sft'), {
			setting,
			measured: { lengths: true, reference: false },
		}).join(' ');
		expect(note).toContain('−1.00 nats per token for chosen and −0.50 for rejected (assumed)');
		expect(note).toContain('10 tokens in chosen and 20 in rejected (means of this run)');
		expect(note).toContain('r_w 5.0');
	});

	test('says that separate terms do not act on each other', () => {
		expect(axesNote(objectiveOf('apo_zero'), assumed).join(' ')).toContain('a term of its own');
	});
});
