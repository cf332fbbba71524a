import { describe, expect, test } from 'vitest';
import { meanEstimate, quantile, shareEstimate } from '#core/evaluation/intervals.ts';

// scipy 1.17.1: scipy.stats.binomtest(k, n).proportion_ci(method='wilson')
test.each([
	[0, 10, 0, 0.27753279986288926],
	[7, 10, 0.39677814746114526, 0.892208732593699],
	[10, 10, 0.7224672001371109, 1],
	[183, 400, 0.4093135795917928, 0.5064949654266224],
])('Wilson’s interval of %d of %d is SciPy’s', (k, n, low, high) => {
	const estimate = shareEstimate(k, n);
	expect(estimate.score).toBe(k / n);
	expect(estimate.low).toBeCloseTo(low, 12);
	expect(estimate.high).toBeCloseTo(high, 12);
});

test('a share of nothing is refused', () => {
	expect(() => shareEstimate(0, 0)).toThrow(/0 successes of 0/);
	expect(() => shareEstimate(3, 2)).toThrow(/3 successes of 2/);
});

describe('the bootstrap of a mean', () => {
	test('agrees with SciPy', () => {
		const values = Array.from({ length: 60 }, (_, i) => ((i * 37) % 101) / 100);
		const { score, low, high } = meanEstimate(values, { resamples: 20_000 });
		// scipy 1.17.1: bootstrap((x,), np.mean, method='percentile', n_resamples=100000, rng=default_rng(0))
		expect(score).toBeCloseTo(0.4951666666666667, 12);
		// Two bootstraps differ by chance: about 0.001 with 20,000 resamples.
		expect(Math.abs(low - 0.4218333333333334)).toBeLessThan(0.004);
		expect(Math.abs(high - 0.5683333333333334)).toBeLessThan(0.004);
	});

	test('is not of width 0 if all values are equal', () => {
		// Wilson's upper bound after 0 of 5, by SciPy: 0.43448246478317465.
		const differ = 0.43448246478317465;
		const { score, low, high } = meanEstimate([-0.3, -0.3, -0.3, -0.3, -0.3], { range: [-1, 1] });
		expect(score).toBeCloseTo(-0.3, 12);
		expect(low).toBeCloseTo(-0.3 - differ * 0.7, 12);
		expect(high).toBeCloseTo(-0.3 + differ * 1.3, 12);
		const perfect = meanEstimate(Array.from({ length: 400 }, () => 1));
		expect([perfect.low, perfect.high]).toEqual([expect.closeTo(0.9905, 4), 1]);
	});

	test('has the quantiles of all 5⁵ resamples of five values', () => {
		const values = [0, 0.1, 0.4, 0.7, 1];
		let sums = [0];
		for (let draw = 0; draw < 5; draw++) sums = sums.flatMap((sum) => values.map((value) => sum + value));
		const exact = sums.map((sum) => sum / 5).sort((a, b) => a - b);
		const { low, high } = meanEstimate(values, { resamples: 20_000, seed: 3 });
		// The means are on a grid of 0.02; allow one grid step either way.
		expect(Math.abs(low - quantile(exact, 0.025))).toBeLessThanOrEqual(0.02 + 1e-9);
		expect(Math.abs(high - quantile(exact, 0.975))).toBeLessThanOrEqual(0.02 + 1e-9);
	});

	test('covers the true mean of uniform draws about 95 times in 100', () => {
		let covered = 0;
		const trials = 400;
		let state = 12345;
		const uniform = (): number => {
			// An independent generator (Lehmer), so that draws and resamples share nothing.
			state = (state * 48271) % 2147483647;
			return state / 2147483647;
		};
		for (let trial = 0; trial < trials; trial++) {
			const values = Array.from({ length: 40 }, uniform);
			const { low, high } = meanEstimate(values, { resamples: 400, seed: trial });
			if (low <= 0.5 && 0.5 <= high) covered++;
		}
		// 0.95 minus the percentile method's known shortfall at n = 40 (about 0.01), ± 3 standard errors of 400
		// trials.
		expect(covered / trials).toBeGreaterThan(0.905);
		expect(covered / trials).toBeLessThan(0.983);
	});

	test('is the same for the same seed and stays inside the values', () => {
		const values = [1, 1, 0.5, 0, 1, 1];
		expect(meanEstimate(values, { seed: 4 })).toEqual(meanEstimate(values, { seed: 4 }));
		const { low, score, high } = meanEstimate(values);
		expect([0, low, score, high, 1]).toEqual([0, low, score, high, 1].toSorted((a, b) => a - b));
	});

	test('is the whole range for one value', () => {
		expect(meanEstimate([0.7])).toEqual({ score: 0.7, low: 0, high: 1, n: 1 });
		expect(() => meanEstimate([])).toThrow(/at least one/);
	});
});

test('quantiles are linear between neighbours', () => {
	expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
	expect(quantile([1, 2, 3, 4], 0)).toBe(1);
	expect(quantile([1, 2, 3, 4], 1)).toBe(4);
	expect(quantile([5], 0.3)).toBe(5);
});
