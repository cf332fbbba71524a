import { describe, expect, test } from 'vitest';
import { learningRateAt, type Schedule } from '#train/schedule.ts';

const base: Schedule = { schedule: 'linear', learningRate: 1e-3, warmupSteps: 3, totalSteps: 30 };
const course = (schedule: Schedule): number[] =>
	Array.from({ length: schedule.totalSteps }, (_, i) => learningRateAt(i + 1, schedule));

describe('as transformers’ schedulers give them', () => {
	test('warm-up starts at 0 and reaches the rate after its steps', () => {
		for (const name of ['constant', 'linear', 'cosine'] as const) {
			const rates = course({ ...base, schedule: name });
			expect(rates.slice(0, 4)).toEqual(
				[0, 1e-3 / 3, (1e-3 * 2) / 3, 1e-3].map((rate): unknown => expect.closeTo(rate, 12)),
			);
		}
	});

	test('linear: lr·(30 − t)/27 with t counted from 0', () => {
		for (let t = 3; t < 30; t++) expect(learningRateAt(t + 1, base)).toBeCloseTo((1e-3 * (30 - t)) / 27, 12);
	});

	test('cosine falls from the rate to almost 0, through half of it in the middle', () => {
		const cosine = { ...base, schedule: 'cosine' as const, warmupSteps: 0, totalSteps: 100 };
		expect(learningRateAt(1, cosine)).toBe(1e-3);
		expect(learningRateAt(51, cosine)).toBeCloseTo(5e-4, 12);
		expect(learningRateAt(100, cosine)).toBeCloseTo(1e-3 * 0.5 * (1 + Math.cos(0.99 * Math.PI)), 12);
	});

	test('constant stays, and without warm-up the first step has the full rate', () => {
		expect(course({ ...base, schedule: 'constant', warmupSteps: 0 }).every((rate) => rate === 1e-3)).toBe(
			true,
		);
	});

	test('a run no longer than its warm-up never divides by zero', () => {
		const short = { ...base, warmupSteps: 5, totalSteps: 5 };
		expect(course(short).every(Number.isFinite)).toBe(true);
		expect(learningRateAt(6, short)).toBeGreaterThanOrEqual(0);
	});
});
