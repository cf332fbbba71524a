/** Measures of a run's pairs for the Pair view, in slices. */
import { expect, test } from 'vitest';
import { PairMeasures } from '#app/lab/pairMeasures.svelte.ts';
import { fillFacts } from '#core/lesson/facts.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';

const pair = (text: string, chosen: string, rejected: string): PreferencePair => ({
	id: `${text}.p1`,
	prompt: { id: text, text, family: null },
	chosen,
	rejected,
	method: 'clair',
	from: null,
	edited: false,
});
const pairs = [
	pair('Sort these words: pear grape mango.', 'grape, mango, pear.', 'pear, grape, mango.'),
	pair('Hello?', 'Hi there, Ann.', 'Hi.'),
];

test('the means of both sides are those that a lesson says', async () => {
	const measures = new PairMeasures();
	expect(measures.set).toBeNull();
	await measures.measure(pairs, new AbortController().signal);
	const { set } = measures;
	expect(set?.jaccard).toHaveLength(2);
	// Only the first prompt has a rubric; both count for the words.
	expect(set?.chosen).toEqual({ score: 1, words: 3 });
	expect(set?.rejected.words).toBe(2);
	const run = {
		recipe: DEFAULT_RECIPE,
		pairs,
		heldOut: [],
		outputs: [],
		revisions: [],
		metrics: [],
		trails: [],
	};
	expect(fillFacts('{chosenScore} {chosenWords} {rejectedScore} {rejectedWords}', run)).toBe(
		`1.00 3.0 ${set?.rejected.score?.toFixed(2)} 2.0`,
	);
});

test('a set without a rubric has no score, and one that was replaced while it was measured is dropped', async () => {
	const measures = new PairMeasures();
	const replaced = new AbortController();
	const many = Array.from({ length: 4000 }, () =>
		pair('Hello?', 'Hi there, Ann. '.repeat(20), 'Hi. '.repeat(30)),
	);
	const slow = measures.measure(many, replaced.signal);
	replaced.abort();
	await measures.measure(pairs.slice(1), new AbortController().signal);
	await slow;
	expect(measures.set?.jaccard).toHaveLength(1);
	expect(measures.set?.chosen.score).toBeNull();
});
