import { describe, expect, it } from 'vitest';
import { readPairs } from '#core/pair/importPairs.ts';
import { readPrompts } from '#core/prompt/importPrompts.ts';

const GOOD = { prompt: 'Q', chosen: 'yes', rejected: 'no' };
const read = (row: object) =>
	readPairs('a.jsonl', [row, GOOD].map((each) => JSON.stringify(each)).join('\n'));

describe('invisible texts', () => {
	it.each(['\u200b', '\u2800', '\u3164', '\u00ad', '\ufeff\u2060', ' \u200b \u2800 '])(
		'are empty: %j',
		(text) => {
			for (const key of ['prompt', 'chosen', 'rejected']) {
				const { set, skipped } = read({ ...GOOD, [key]: text });
				expect(set.pairs).toHaveLength(1);
				expect(skipped[0]?.reason).toContain('is empty');
			}
			const prompts = readPrompts(
				'a.jsonl',
				[{ prompt: text }, GOOD].map((row) => JSON.stringify(row)).join('\n'),
			);
			expect(prompts.set.prompts.map((prompt) => prompt.text)).toEqual(['Q']);
			expect(prompts.skipped).toMatchObject([{ line: 1, reason: 'empty' }]);
		},
	);

	it.each([
		['caf\u00e9', 'cafe\u0301'],
		['a word', 'a\u200b word'],
		['hyphen', 'hy\u00adphen'],
		['a b', 'a\u2800b'],
	])('make no pair of %j and %j', (chosen, rejected) => {
		const { set, skipped } = read({ prompt: 'P', chosen, rejected });
		expect(set.pairs).toHaveLength(1);
		expect(skipped[0]?.reason).toContain('look the same');
	});

	it('inside of a text stay as they are', () => {
		const chosen = 'می\u200cخواهم cafe\u0301';
		expect(read({ prompt: 'P', chosen, rejected: 'b' }).set.pairs[0]?.chosen).toBe(chosen);
	});
});
