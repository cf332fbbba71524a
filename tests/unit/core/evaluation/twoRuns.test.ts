import { describe, expect, test } from 'vitest';
import { compareAnswers, heldOutResult } from '#core/evaluation/compare.ts';
import type { HeldOutResult, ScoredAnswer } from '#core/evaluation/evaluation.ts';
import { commonAnswers, resultsIn, scoreRows, type RunResults } from '#core/evaluation/twoRuns.ts';

function answer(id: string, score: number, isScored = true, text = `prompt ${id}`): ScoredAnswer {
	const checks = isScored ? [{ name: 'right', passed: score > 0.5, weight: 1, reason: '' }] : [];
	return { prompt: { id, text, family: 'sums' }, text: `answer ${score}`, score, checks };
}

const result = (step: number, answers: readonly ScoredAnswer[]): HeldOutResult =>
	answers.length === 0
		? { mode: 'greedy', step, answers, estimate: { score: 0, low: 0, high: 0, n: 0 } }
		: heldOutResult('greedy', step, answers);

/** @param scores by prompt, before and after */
function run(scores: Readonly<Record<string, readonly [number, number]>>): RunResults {
	const entries = Object.entries(scores);
	return {
		before: result(
			0,
			entries.map(([id, [before]]) => answer(id, before)),
		),
		after: result(
			9,
			entries.map(([id, [, after]]) => answer(id, after)),
		),
	};
}

const rowsOf = (first: RunResults, second: RunResults) =>
	Object.fromEntries([...scoreRows(first, second, commonAnswers(first, second))].map((row) => [row.of, row]));

test('the results of a run are those before training and the latest after it', () => {
	const sampled: HeldOutResult = { ...result(9, [answer('a', 1)]), mode: 'sampled' };
	const results = [result(0, []), result(5, []), result(9, []), sampled];
	expect(resultsIn(results, 'greedy')).toEqual({ before: results[0], after: results[2] });
	expect(resultsIn(results, 'sampled')).toEqual({ before: null, after: sampled });
});

describe('two runs with common prompts', () => {
	const first = run({ a: [0.2, 0.4], b: [0.1, 0.9], c: [0.3, 0.5], d: [0, 1] });
	const second = run({ c: [0.3, 0.6], b: [0.1, 0.5], a: [0.2, 1], e: [1, 0] });

	test('have an answer pair for each, in the order of the first run', () => {
		const common = commonAnswers(first, second);
		expect(common.map(({ prompt }) => prompt.id)).toEqual(['a', 'b', 'c']);
		expect(common[1]?.tuned.map(({ score }) => score)).toEqual([0.9, 0.5]);
		expect(common.map(({ difference }) => difference)).toEqual([0.6, -0.4, expect.closeTo(0.1, 12)]);
	});

	test('are scored on these alone, and the difference is that of a paired comparison', () => {
		const { first: a, second: b, difference } = rowsOf(first, second);
		expect(a?.before?.score).toBeCloseTo(0.2, 12);
		expect(a?.change?.score).toBeCloseTo(0.4, 12);
		expect(b?.after).toMatchObject({ n: 3, score: expect.closeTo(0.7, 12) as number });
		const paired = compareAnswers(first.after!.answers, second.after!.answers).difference;
		expect(difference?.after).toEqual(paired);
		expect(difference?.before?.score).toBe(0);
		// The bases answer alike, so the changes differ as the answers after training do.
		expect(difference?.change?.score).toBeCloseTo(paired.score, 12);
	});

	test('a gain from a lower base counts in the change and not in the score', () => {
		const { difference } = rowsOf(run({ a: [0, 1], b: [0, 0.8] }), run({ a: [0.5, 1], b: [0.4, 0.8] }));
		expect(difference?.after?.score).toBe(0);
		expect(difference?.before?.score).toBeCloseTo(0.45, 12);
		expect(difference?.change?.score).toBeCloseTo(-0.45, 12);
	});
});

test('a prompt of the same id and another text is no common prompt', () => {
	const other: RunResults = { before: null, after: result(9, [answer('a', 1, true, 'another prompt')]) };
	expect(commonAnswers(run({ a: [0, 1] }), other)).toEqual([]);
});

test('without a common prompt each run is scored on its own prompts, and there is no difference', () => {
	const rows = rowsOf(run({ a: [0.1, 0.5], b: [0.3, 0.7] }), run({ c: [0, 1] }));
	expect(Object.keys(rows)).toEqual(['first', 'second']);
	expect(rows['first']?.after).toMatchObject({ n: 2, score: expect.closeTo(0.6, 12) as number });
	expect(rows['second']?.change).toMatchObject({ n: 1, score: 1 });
});

test('a run without results has an empty row, and the other keeps its own', () => {
	const rows = rowsOf({ before: null, after: null }, run({ a: [0.1, 0.5], b: [0.3, 0.7] }));
	expect(rows['first']).toEqual({ of: 'first', before: null, after: null, change: null });
	expect(rows['second']?.change?.score).toBeCloseTo(0.4, 12);
});

test('a run that was not scored before training is compared by its scores after it', () => {
	const first = run({ a: [0.1, 0.5], b: [0.3, 0.7] });
	const { difference } = rowsOf(first, { ...run({ a: [0, 0.6], b: [0, 0.6] }), before: null });
	expect(difference).toMatchObject({ before: null, change: null });
	expect(difference?.after?.score).toBeCloseTo(0, 12);
});

test('prompts without a rubric have answers and no scores', () => {
	const own = (text: string): RunResults => ({
		before: null,
		after: result(9, [{ ...answer('u-1', 0, false), text }]),
	});
	const [first, second] = [own('one'), own('two')];
	const common = commonAnswers(first, second);
	expect(common[0]).toMatchObject({ difference: null, base: [null, null] });
	expect([...scoreRows(first, second, common)]).toEqual([
		{ of: 'first', before: null, after: null, change: null },
		{ of: 'second', before: null, after: null, change: null },
	]);
});
