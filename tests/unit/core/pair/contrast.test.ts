import { describe, expect, test } from 'vitest';
import { changedWords, pairContrast, setContrast } from '#core/pair/contrast.ts';
import type { PreferencePair } from '#core/pair/pair.ts';

const pair = (text: string, chosen: string, rejected: string): PreferencePair => ({
	id: `${text}.p1`,
	prompt: { id: text, text, family: null },
	chosen,
	rejected,
	method: 'clair',
	from: null,
	edited: false,
});
const SORT = 'Sort these words: pear grape mango.';

test('a pair’s measures go from the rejected side to the chosen one', () => {
	const contrast = pairContrast(pair(SORT, 'grape, mango, pear.', 'pear, grape, mango.'));
	expect(contrast).toMatchObject({ jaccard: 1, lengthRatio: 1, commonPrefix: 0 });
	expect(contrast.scoreDifference).toBeCloseTo(0.7, 6);
	expect(pairContrast(pair('Hello?', 'Hi.', 'No.')).scoreDifference).toBeNull();
});

test('the words of a difference', () => {
	const { added, removed } = changedWords('I will open the box.', 'Dear Finn, I will gladly open the box.');
	expect([...added]).toEqual(['dear', 'finn', 'gladly']);
	expect([...removed]).toEqual([]);
});

describe('a set', () => {
	const pairs = [
		pair('a', 'Dear A, I will gladly go.', 'I will go.'),
		pair('b', 'Dear B, I will gladly sing.', 'I will sing. Hope this helps.'),
	];

	test('names the words that most pairs add or drop', () => {
		const { added, removed, jaccard, scoreDifference } = setContrast(pairs);
		expect(added.slice(0, 2)).toEqual([
			{ word: 'dear', pairs: 2 },
			{ word: 'gladly', pairs: 2 },
		]);
		expect(removed.map(({ word }) => word)).toEqual(['helps', 'hope', 'this']);
		expect(jaccard).toHaveLength(2);
		expect(scoreDifference).toEqual([]);
	});

	test('of no pairs is empty', () => {
		expect(setContrast([])).toMatchObject({ jaccard: [], added: [], removed: [] });
	});
});
