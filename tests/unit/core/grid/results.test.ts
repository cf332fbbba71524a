import { describe, expect, test } from 'vitest';
import { rng } from '#core/math/rng.ts';
import type { ModeScores, RunFigures, RunOutcome } from '#core/grid/outcome.ts';
import { common, intervalOf, resampled, standardError } from '#core/grid/resample.ts';
import { gridResults } from '#core/grid/results.ts';
import { complementaryError, holm, twoSidedP } from '#core/grid/significance.ts';

describe('significance', () => {
	// scipy.special.erfc
	test.each([
		[0, 1],
		[0.5, 0.4795001221869535],
		[1, 0.15729920705028513],
		[2, 0.004677734981047266],
		[3, 2.209049699858544e-5],
		[5, 1.5374597944280347e-12],
	])('erfc(%d)', (x, expected) => {
		expect(Math.abs(complementaryError(x) / expected - 1)).toBeLessThan(1.2e-7);
	});

	test('a difference of 1.96 standard errors has p = 0.05', () => {
		expect(twoSidedP(1.959963984540054, 1)).toBeCloseTo(0.05, 7);
		expect(twoSidedP(-0.1959963984540054, 0.1)).toBeCloseTo(0.05, 7);
	});

	test('without spread, any difference is certain', () => {
		expect(twoSidedP(0, 0)).toBe(1);
		expect(twoSidedP(0.1, 0)).toBe(0);
	});

	test('Holm’s correction is statsmodels’', () => {
		// statsmodels.stats.multitest.multipletests([0.01, 0.04, 0.03, 0.005], method='holm')
		const corrected = holm([0.01, 0.04, 0.03, 0.005]);
		for (const [i, expected] of [0.03, 0.06, 0.06, 0.02].entries())
			expect(corrected[i]).toBeCloseTo(expected, 12);
		// R: p.adjust(c(0.5, 0.6, 0.001), "holm")
		expect(holm([0.5, 0.6, 0.001])).toEqual([1, 1, 0.003]);
		expect(holm([])).toEqual([]);
	});
});

/** Scores of seeds and prompts that share their prompts. */
function table(values: readonly (readonly number[])[]) {
	const prompts = (values[0] ?? []).map((_, i) => `p${i}`);
	return { seeds: values.map((_, i) => i + 1), prompts: values.map(() => prompts), values };
}

/** Effects of seeds and prompts with noise, of known variances. */
function drawn(seeds: number, prompts: number, spread: { seed: number; prompt: number; noise: number }) {
	const source = rng(5);
	const ofPrompt = Array.from({ length: prompts }, () => spread.prompt * source.normal());
	return Array.from({ length: seeds }, () => {
		const ofSeed = spread.seed * source.normal();
		return ofPrompt.map((value) => value + ofSeed + spread.noise * source.normal());
	});
}

describe('resamples over seeds and prompts', () => {
	test('of one seed spread as the mean of its prompts does', () => {
		const [values = []] = drawn(1, 200, { seed: 0, prompt: 1, noise: 0 });
		const { mean, resamples } = resampled(table([values]), 8000);
		const average = values.reduce((sum, value) => sum + value, 0) / 200;
		const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / 200;
		expect(mean).toBeCloseTo(average, 12);
		// The bootstrap's standard error is σ/√n; a chance error of 2% has 8000 resamples.
		expect(standardError(resamples) / Math.sqrt(variance / 200)).toBeCloseTo(1, 1);
	});

	test('of seeds without noise spread by seeds and prompts together', () => {
		const values = drawn(6, 100, { seed: 0.5, prompt: 1, noise: 0 });
		const means = (rows: readonly (readonly number[])[]) =>
			rows.map((row) => row.reduce((sum, value) => sum + value, 0) / row.length);
		const variance = (list: readonly number[]): number => {
			const [centre = 0] = means([list]);
			return list.reduce((sum, value) => sum + (value - centre) ** 2, 0) / list.length;
		};
		const columns = (values[0] ?? []).map((_, i) => values.map((row) => row[i] ?? 0));
		// Additive effects: the variances of both draws add up.
		const expected = Math.sqrt(variance(means(values)) / 6 + variance(means(columns)) / 100);
		const { resamples } = resampled(table(values), 8000);
		expect(standardError(resamples) / expected).toBeCloseTo(1, 1);
		const { low, high } = intervalOf(resamples);
		expect((high - low) / (2 * 1.96 * expected)).toBeCloseTo(1, 1);
	});

	test('of seeds with prompts of their own draw within each seed', () => {
		const values = drawn(4, 50, { seed: 0.5, prompt: 0, noise: 1 });
		const own = { ...table(values), prompts: values.map((row, seed) => row.map((_, i) => `p${seed}-${i}`)) };
		expect(resampled(own).mean).toBeCloseTo(resampled(table(values)).mean, 12);
		expect(standardError(resampled(own).resamples)).toBeGreaterThan(0);
	});

	test('are paired: a constant shift of one cell has no spread', () => {
		const values = drawn(3, 40, { seed: 1, prompt: 1, noise: 1 });
		const shifted = values.map((row) => row.map((value) => value + 0.25));
		const [a, b] = [resampled(table(shifted)), resampled(table(values))];
		const differences = a.resamples.map((value, i) => value - (b.resamples[i] ?? 0));
		for (const difference of differences) expect(difference).toBeCloseTo(0.25, 12);
	});

	test('keep only what both cells have', () => {
		const one = {
			seeds: [1, 2],
			prompts: [
				['a', 'b'],
				['a', 'b'],
			],
			values: [
				[1, 2],
				[3, 4],
			],
		};
		const other = {
			seeds: [2, 3],
			prompts: [
				['b', 'c'],
				['b', 'c'],
			],
			values: [
				[5, 6],
				[7, 8],
			],
		};
		expect(common(one, other)).toEqual({
			a: { seeds: [2], prompts: [['b']], values: [[4]] },
			b: { seeds: [2], prompts: [['b']], values: [[5]] },
		});
	});
});

const prompts = Array.from({ length: 60 }, (_, i) => `p${i}`);

function scores(before: number, change: number, seed: number): ModeScores {
	const source = rng(seed);
	const beforeScores = prompts.map((_, i) => before + 0.05 * Math.sin(i));
	const afterScores = beforeScores.map((score) => score + change + 0.02 * source.normal());
	const estimate = { score: 0, low: 0, high: 0, n: 60 };
	return { before: estimate, after: estimate, difference: estimate, prompts, beforeScores, afterScores };
}

function outcome(cell: string, seed: number, change: number, editedCredit = 0.5): RunOutcome {
	const mode = scores(0.4, change, seed);
	const figures: RunFigures = {
		greedy: mode,
		sampled: mode,
		families: [
			{ family: 'sums', before: 0.4, after: 0.5, difference: { score: 0.1 * seed, low: 0, high: 1, n: 9 } },
		],
		course: [],
		pairs: { kept: 10 * seed, leftOut: {}, chosenScore: 1, rejectedScore: null },
		judge: { right: 8, decided: 10 },
		credit: { editedCredit, editedTokens: 0.3, pairs: 10 },
		rewards: { chosen: 1, rejected: -1, margins: 2, accuracies: 1, chosenLogRatio: 1, rejectedLogRatio: -1 },
		drift: null,
		marks: seed === 2 ? ['8% of its answers are empty (0% before)'] : [],
		steps: 3,
		seconds: {},
		wallSeconds: 5,
		reused: [],
	};
	return { key: `${cell}.seed${seed}`, cell, seed, identity: '', figures, error: null, madeWith: null };
}

const failed = (cell: string, seed: number): RunOutcome => ({
	...outcome(cell, seed, 0),
	figures: null,
	error: { code: 'diverged', message: 'The loss is not a number.', hint: '' },
});

describe('results', () => {
	const cells = ['zero', 'down', 'same', 'none'].map((name) => ({ name }));
	const outcomes = [1, 2, 3].flatMap((seed) => [
		outcome('zero', seed, 0.3, 0.6),
		outcome('down', seed, 0.1),
		seed === 3 ? failed('same', 3) : outcome('same', seed, 0.3),
		failed('none', seed),
	]);
	const results = gridResults(cells, outcomes);
	const cell = (name: string) => results.cells.find((one) => one.cell === name);

	test('are means over seeds with intervals', () => {
		const { greedy, means, judge, families, marks, seeds } = cell('zero')!;
		expect(seeds).toEqual([1, 2, 3]);
		expect(greedy?.change.score).toBeCloseTo(0.3, 2);
		expect(greedy?.change.low).toBeLessThan(greedy!.change.score);
		expect(greedy?.change.n).toBe(60);
		expect(means).toMatchObject({ pairs: 20, chosenScore: 1, rejectedScore: null, kl: null, wallSeconds: 5 });
		expect(judge).toEqual({ right: 24, decided: 30 });
		expect(families).toEqual([{ family: 'sums', change: expect.closeTo(0.2, 12) as number }]);
		expect(marks).toEqual(['seed 2: 8% of its answers are empty (0% before)']);
	});

	test('mark the best cell and those that do not clearly differ from it', () => {
		expect(results.cells.map(({ rank }) => rank)).toEqual(['equal', 'below', 'best', null]);
	});

	test('keep a failed seed apart, and compare on the seeds of both', () => {
		expect(cell('same')?.failures).toEqual([{ seed: 3, message: 'The loss is not a number.' }]);
		expect(cell('none')).toMatchObject({ seeds: [], greedy: null, rank: null });
		const pairs = results.comparisons.map(({ a, b, seeds, verdict }) => [a, b, seeds, verdict]);
		expect(pairs).toEqual([
			['zero', 'down', 3, 'above'],
			['zero', 'same', 2, 'equal'],
			['down', 'same', 2, 'below'],
		]);
	});

	test('compare the pairs that the grid named, and the credit on edits', () => {
		const named = gridResults(cells, outcomes, [
			['zero', 'down'],
			['none', 'zero'],
		]);
		expect(named.planned).toBe(true);
		expect(named.comparisons).toHaveLength(1);
		expect(named.comparisons[0]?.editedCredit?.score).toBeCloseTo(0.1, 12);
		expect(named.comparisons[0]?.corrected).toBe(named.comparisons[0]?.p);
	});

	test('of nothing are empty', () => {
		expect(gridResults(cells, [])).toMatchObject({ comparisons: [], planned: false });
	});
});
