import { describe, expect, test } from 'vitest';
import type { TokenizedCompletion, TokenizedPair } from '#core/batch/tokenize.ts';
import { AppError } from '#core/errors.ts';
import { sigmoid } from '#core/math/sigmoid.ts';
import { checkStepZero, expectFinite, lossMetrics, pairRewards, stepLogps } from '#train/metrics.ts';
import { packForStep } from '#train/pack.ts';
import type { MicroBatch } from '#train/step.ts';
import { listObjectives, objectiveOf } from '#core/loss/objectives/registry.ts';
import { stepValues } from '#train/values.ts';

const pairs: TokenizedPair[] = [0, 1, 2].map((i) => ({
	id: `p${i}`,
	promptIds: [1, 2],
	chosenIds: [3, 4, 5].slice(0, i + 1),
	rejectedIds: [6, 7],
	truncated: false,
}));
const micro = (some: Parameters<typeof packForStep>[0], reference: number[]): MicroBatch => ({
	packed: packForStep(some),
	reference: Float32Array.from(reference),
});
const step = [micro(pairs.slice(0, 2), [-1, -2, -3, -4]), micro(pairs.slice(2), [-5, -6])];
const values = stepValues({ beta: 0.5 }, step);

test('a step has the segments of all its micro-batches, in order, and the mean length of all their chosen sides', () => {
	const logps = stepLogps(step, [Float32Array.of(-1.5, -2.5, -3.5, -4.5), Float32Array.of(-5.5, -6.5)]);
	expect(logps.policy).toEqual([-1.5, -2.5, -3.5, -4.5, -5.5, -6.5]);
	expect(logps.reference).toEqual([-1, -2, -3, -4, -5, -6]);
	expect([...logps.segments.lengths]).toEqual([1, 2, 2, 2, 3, 2]);
	expect([...logps.segments.partners]).toEqual([1, 0, 3, 2, 5, 4]);
	expect(values).toEqual({ beta: 0.5, mean_len_w: 2 });
});

const untrained = stepLogps(step, [Float32Array.of(-1, -2, -3, -4), Float32Array.of(-5, -6)]);

test('metrics of pairs are means over pairs', () => {
	// Rewards of 0.5, −0.5; 0.25, 0.25; −0.5, 0.
	const logps = { ...untrained, policy: [0, -3, -2.5, -3.5, -6, -6] };
	const { metrics, rewards } = lossMetrics(objectiveOf('apo_zero'), values, logps);
	expect(Array.from(rewards)).toEqual([0.5, -0.5, 0.25, 0.25, -0.5, 0]);
	expect(metrics).toEqual({
		loss: expect.closeTo((2 * sigmoid(-0.5) + 1 + sigmoid(0.5) + 0.5) / 3, 14) as number,
		'rewards/chosen': expect.closeTo(0.25 / 3, 14) as number,
		'rewards/rejected': expect.closeTo(-0.25 / 3, 14) as number,
		'rewards/margins': expect.closeTo(0.5 / 3, 14) as number,
		'rewards/accuracies': 1 / 3,
		'logps/chosen': expect.closeTo(-8.5 / 3, 14) as number,
		'logps/rejected': expect.closeTo(-12.5 / 3, 14) as number,
	});
	expect(pairRewards(['a', 'b', 'c'], logps.segments, rewards)).toEqual([
		{ pairId: 'a', chosen: 0.5, rejected: -0.5 },
		{ pairId: 'b', chosen: 0.25, rejected: 0.25 },
		{ pairId: 'c', chosen: -0.5, rejected: 0 },
	]);
});

describe('unpaired completions', () => {
	const completion = (label: boolean, weight?: number): TokenizedCompletion => ({
		id: 'c',
		promptIds: [1, 2],
		completionIds: [3, 4],
		label,
		truncated: false,
		...(weight === undefined ? {} : { weight }),
	});
	const batch = micro([completion(true), completion(false, 3), completion(true)], [-1, -2, -3]);
	const of = (policy: number[]): ReturnType<typeof lossMetrics> =>
		lossMetrics(objectiveOf('apo_zero'), values, stepLogps([batch], [Float32Array.from(policy)]));

	test('have means over those of a label, their difference as margin, and no accuracy', () => {
		const { metrics, rewards } = of([-2, -4, -2]);
		expect(Array.from(rewards)).toEqual([-0.5, -1, 0.5]);
		expect(metrics).toEqual({
			// TRL's apo_zero_unpaired, with the weight of the second.
			loss: expect.closeTo((sigmoid(0.5) + 3 * sigmoid(-1) + sigmoid(-0.5)) / 3, 14) as number,
			'rewards/chosen': 0,
			'rewards/rejected': -1,
			'rewards/margins': 1,
			'rewards/accuracies': NaN,
			'logps/chosen': -2,
			'logps/rejected': -4,
		});
		expect(pairRewards(['a', 'b', 'c'], batch.packed.segments, rewards)).toEqual([]);
	});

	test('may all have one label', () => {
		const one = micro([completion(false)], [-2]);
		const logps = stepLogps([one], [Float32Array.of(-2)]);
		const { metrics } = lossMetrics(objectiveOf('apo_zero'), values, logps);
		expect(metrics).toMatchObject({ loss: 0.5, 'rewards/chosen': NaN, 'rewards/rejected': 0 });
		expect(checkStepZero(objectiveOf('apo_zero'), values, logps).margin).toBe(0);
		expect(() => checkStepZero(objectiveOf('sft'), values, { ...logps, policy: [-3] })).toThrow(
			/margin -0.5/,
		);
	});

	test('pass the check of an untrained adapter', () => {
		const logps = stepLogps([batch], [Float32Array.of(-1, -2, -3)]);
		expect(checkStepZero(objectiveOf('apo_zero'), values, logps).margin).toBe(0);
	});
});

test('an untrained adapter passes the check of every objective', () => {
	const check = (id: string): ReturnType<typeof checkStepZero> =>
		checkStepZero(objectiveOf(id), values, untrained);
	expect(check('apo_zero')).toEqual({ loss: 1, expectedLoss: 1, margin: 0 });
	expect(check('dpo').loss).toBeCloseTo(Math.LN2, 12);
	// Three chosen sides of 9 nats over 6 tokens.
	expect(check('sft').loss).toBeCloseTo(9 / 6, 12);
});

test('a policy that is not the reference is refused, with what was found', () => {
	const off = { ...untrained, policy: [-1.2, -2, -3, -4, -5, -6] };
	for (const objective of listObjectives()) {
		expect(() => checkStepZero(objective, values, off)).toThrow(AppError);
	}
	// APO-down's loss is flat in the chosen side at 0, so only the margin differs.
	expect(() => checkStepZero(objectiveOf('apo_down'), values, off)).toThrow(/margin -0.03/);
});

test('a side that is not a number fails the check of an objective that does not read it', () => {
	const off = { ...untrained, policy: [-1, NaN, -3, -4, -5, -6] };
	expect(() => checkStepZero(objectiveOf('sft'), values, off)).toThrow(/margin NaN/);
});

test('ties count as no win', () => {
	expect(lossMetrics(objectiveOf('dpo'), values, untrained).metrics['rewards/accuracies']).toBe(0);
});

test('anything that is not a finite number stops the step', () => {
	expect(() => expectFinite(3, 1, 2)).not.toThrow();
	expect(() => expectFinite(3, NaN, 2)).toThrow(/Step 3 gave a loss of NaN/);
	expect(() => expectFinite(3, 1, Infinity)).toThrow(/gradient norm of Infinity/);
});
