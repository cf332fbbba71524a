import { describe, expect, test } from 'vitest';
import { mismatched } from '#core/batch/mismatched.ts';
import type { TokenizedCompletion, TokenizedPair } from '#core/batch/tokenize.ts';

const pair = (id: string, n: number): TokenizedPair => ({
	id,
	promptIds: [n],
	chosenIds: [n, 1, 1],
	rejectedIds: [n, 2],
	truncated: false,
});
const row = (id: string, n: number, label: boolean): TokenizedCompletion => ({
	id,
	promptIds: [n],
	completionIds: [n, 3],
	label,
	truncated: false,
});

describe('mismatched examples', () => {
	test('have the completions of the example before, the first those of the last', () => {
		const found = mismatched([pair('a', 10), pair('b', 20), pair('c', 30)], 10);
		expect(found.map(({ id, promptIds }) => [id, ...promptIds])).toEqual([
			['a', 10],
			['b', 20],
			['c', 30],
		]);
		expect(found.map((example) => 'chosenIds' in example && example.chosenIds[0])).toEqual([30, 10, 20]);
		expect(found.map((example) => 'chosenIds' in example && example.rejectedIds[0])).toEqual([30, 10, 20]);
	});

	test('take the kind of the completions, and are cut to the longest sequence', () => {
		const [first, second] = mismatched([pair('a', 10), row('b', 20, false)], 3);
		expect(first).toEqual({
			id: 'a',
			promptIds: [10],
			completionIds: [20, 3],
			label: false,
			truncated: false,
		});
		expect(second).toEqual({
			id: 'b',
			promptIds: [20],
			chosenIds: [10, 1],
			rejectedIds: [10, 2],
			truncated: true,
		});
	});

	test('of one example are the example itself', () => {
		expect(mismatched([pair('a', 10)], 10)).toEqual([pair('a', 10)]);
	});
});
