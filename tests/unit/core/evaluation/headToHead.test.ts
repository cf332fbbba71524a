import { expect, test } from 'vitest';
import type { AnswerPair } from '#core/evaluation/compare.ts';
import { winRate, type Verdict } from '#core/evaluation/headToHead.ts';

function pair(id: string, before: string, after: string): AnswerPair {
	const prompt = { id, text: `prompt ${id}`, family: null };
	const answer = (text: string) => ({ prompt, text, score: 0, checks: [] });
	return { prompt, before: answer(before), after: answer(after) };
}
const decided = (...winners: Verdict['winner'][]): Verdict[] =>
	winners.map((winner, i) => ({ promptId: `p${i}`, winner }));

test('a tie counts half, and answers of the same text are ties without a vote', () => {
	const pairs = [
		pair('p0', 'a', 'b c'),
		pair('p1', 'a', 'b c'),
		pair('p2', 'a', 'b c'),
		pair('p3', 'a', 'b c'),
		pair('p4', 'same ', 'same'),
	];
	const rate = winRate(pairs, decided('tuned', 'tuned', 'base', 'tie'));
	expect(rate).toMatchObject({ wins: 2, losses: 1, ties: 2, identical: 1 });
	expect(rate.rate).toMatchObject({ n: 5, score: 3 / 5 });
	expect(rate.words).toEqual({ base: 1, tuned: 9 / 5 });
});

test('pairs without a verdict, and verdicts on other prompts, do not count', () => {
	const rate = winRate([pair('p0', 'a', 'b'), pair('p7', 'a', 'b')], decided('tuned', 'base'));
	expect(rate).toMatchObject({ wins: 1, losses: 0, ties: 0 });
	expect(rate.rate.n).toBe(1);
});

test('without any verdict there is no rate', () => {
	expect(winRate([pair('p0', 'a', 'b')], []).rate).toEqual({ score: 0, low: 0, high: 0, n: 0 });
});

test('the interval is a bootstrap over prompts and stays between 0 and 1', () => {
	const pairs = Array.from({ length: 60 }, (_, i) => pair(`p${i}`, 'a', 'b'));
	const { rate } = winRate(pairs, decided(...pairs.map((_, i) => (i % 4 === 0 ? 'base' : 'tuned'))));
	expect(rate.score).toBe(0.75);
	// scipy 1.17.1: bootstrap((x,), np.mean, method='percentile') of 45 ones and 15 zeros gives [0.633, 0.85].
	expect(rate.low).toBeCloseTo(0.633, 1);
	expect(rate.high).toBeCloseTo(0.85, 1);
});
