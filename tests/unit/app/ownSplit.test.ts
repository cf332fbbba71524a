import { expect, test } from 'vitest';
import { fileSentences } from '#app/recipe/ownSplit.ts';

test('a file of pairs says what trains, and why the rest does not', () => {
	const split = { train: 1, heldOut: 8, leftOut: 0, heldOutPairs: 3 };
	expect(fileSentences('a.jsonl', split, [{ line: 2, text: 'x', reason: 'not JSON' }])).toEqual([
		'a.jsonl: 1 pair will train.',
		'3 pairs are left out of the training, because their prompts are held out.',
		'1 row is left out: line 2: not JSON.',
	]);
	expect(fileSentences('a.jsonl', { ...split, heldOutPairs: 0 }, [])).toEqual([
		'a.jsonl: 1 pair will train.',
	]);
});
