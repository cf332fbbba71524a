import { expect, test } from 'vitest';
import {
	commonEstimates,
	compareAnswers,
	compareByCheck,
	compareByFamily,
	heldOutResult,
} from '#core/evaluation/compare.ts';
import type { ScoredAnswer } from '#core/evaluation/evaluation.ts';

/** @param checks name → passed */
function answer(
	id: string,
	score: number,
	checks: Record<string, boolean> = {},
	family = 'sums',
): ScoredAnswer {
	return {
		prompt: { id, text: `prompt ${id}`, family },
		text: `answer ${score}`,
		score,
		checks: Object.entries(checks).map(([name, passed]) => ({ name, passed, weight: 1, reason: '' })),
	};
}

test('the difference is paired: its interval agrees with SciPy’s bootstrap of the differences', () => {
	const before = Array.from({ length: 60 }, (_, i) => answer(`${i}`, ((i * 37) % 101) / 100));
	const after = Array.from({ length: 60 }, (_, i) =>
		answer(`${i}`, Math.min(1, ((i * 53) % 89) / 80 + 0.05)),
	);
	const comparison = compareAnswers(before, after.toReversed(), { resamples: 20_000 });
	// scipy 1.17.1: bootstrap((after - before,), np.mean, method='percentile', n_resamples=100000, rng=default_rng(0))
	expect(comparison.difference.score).toBeCloseTo(0.0981666666666667, 12);
	expect(Math.abs(comparison.difference.low - -0.00729166666666664)).toBeLessThan(0.006);
	expect(Math.abs(comparison.difference.high - 0.20412604166666645)).toBeLessThan(0.006);
	expect([comparison.better, comparison.equal, comparison.worse]).toEqual([36, 1, 23]);
	expect(comparison.before.score + comparison.difference.score).toBeCloseTo(comparison.after.score, 12);
});

test('a constant gain has no uncertainty, however much the prompts differ', () => {
	const before = [0.1, 0.5, 0.9].map((score, i) => answer(`${i}`, score));
	const after = [0.2, 0.6, 1].map((score, i) => answer(`${i}`, score));
	const { difference, before: b } = compareAnswers(before, after);
	expect(difference.high - difference.low).toBeCloseTo(0, 12);
	expect(b.high - b.low).toBeGreaterThan(0.3);
});

test('prompts without both answers are left out; without a common prompt it is refused', () => {
	const before = [answer('a', 0), answer('b', 0)];
	expect(compareAnswers(before, [answer('b', 1), answer('c', 1)])).toMatchObject({
		better: 1,
		difference: { n: 1 },
	});
	expect(() => compareAnswers(before, [answer('c', 1)])).toThrow(/at least one value/);
});

test('families are compared separately', () => {
	const before = [
		answer('a', 0, {}, 'sums'),
		answer('b', 0.5, {}, 'plurals'),
		answer('c', 0.5, {}, 'plurals'),
	];
	const after = [answer('a', 1, {}, 'sums'), answer('b', 0.5, {}, 'plurals'), answer('c', 0, {}, 'plurals')];
	const groups = [...compareByFamily(before, after)];
	expect(groups.map(({ group, better, equal, worse }) => [group, better, equal, worse])).toEqual([
		['sums', 1, 0, 0],
		['plurals', 0, 1, 1],
	]);
	expect(groups[1]?.difference.score).toBe(-0.25);
});

test('checks are compared by the share that passes', () => {
	const before = [answer('a', 0, { greeting: false, length: true }), answer('b', 0, { greeting: false })];
	const after = [answer('a', 1, { greeting: true, length: true }), answer('b', 0, { greeting: false })];
	const [greeting, length] = compareByCheck(before, after);
	expect(greeting).toMatchObject({
		group: 'greeting',
		before: { score: 0, n: 2 },
		after: { score: 0.5 },
		better: 1,
	});
	expect(length).toMatchObject({ group: 'length', before: { score: 1, n: 1 }, equal: 1 });
	// Wilson: two failures out of two leave a wide interval.
	expect(greeting?.before.high).toBeCloseTo(0.6576, 4);
});

test('scores are equal if sums of weights differ only by rounding', () => {
	const { better, equal, worse } = compareAnswers([answer('a', 0.1 + 0.2)], [answer('a', 0.3)]);
	expect([better, equal, worse]).toEqual([0, 1, 0]);
});

test('a held-out result carries its answers and their mean', () => {
	const answers = [answer('a', 1), answer('b', 0)];
	expect(heldOutResult('greedy', 40, answers)).toMatchObject({
		mode: 'greedy',
		step: 40,
		answers,
		estimate: { score: 0.5, n: 2 },
	});
});

test('estimates of several results are over the prompts that all of them answered', () => {
	const scores = [0.1, 0.5, 0.9];
	const first = heldOutResult(
		'greedy',
		0,
		scores.map((score, i) => answer(`${i}`, score)),
	);
	const last = heldOutResult(
		'greedy',
		9,
		scores.slice(1).map((score, i) => answer(`${i + 1}`, score + 0.1)),
	);
	const all = (): boolean => true;
	expect(commonEstimates([first, last], all)).toEqual([first.estimate, last.estimate]);
	const error = { kind: 'format', code: 'prompt-too-long', message: '', hint: '', context: {} } as const;
	const [before, after] = commonEstimates([first, { ...last, leftOut: [{ id: '0', error }] }], all);
	expect([before?.n, after?.n]).toEqual([2, 2]);
	expect(before?.score).toBeCloseTo(0.7, 12);
	expect(after?.score).toBeCloseTo(0.8, 12);
	const none = heldOutResult('greedy', 9, [answer('7', 1)]);
	expect(commonEstimates([first, { ...none, leftOut: [{ id: '0', error }] }], all)).toMatchObject([
		{ n: 0 },
		{ n: 0 },
	]);
});
