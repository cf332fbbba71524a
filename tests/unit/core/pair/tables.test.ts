import { describe, expect, it } from 'vitest';
import { readPairs } from '#core/pair/importPairs.ts';
import { readPrompts } from '#core/prompt/importPrompts.ts';

const GOOD = 'Q2,yes,no\n';

describe('tables of pairs', () => {
	it('skips a record with more cells than columns', () => {
		const { set, skipped } = readPairs('a.csv', `prompt,chosen,rejected\nQ,A, yes it is,B\n${GOOD}`);
		expect(set.pairs.map(({ chosen }) => chosen)).toEqual(['yes']);
		expect(skipped).toEqual([
			expect.objectContaining({
				line: 2,
				reason: '4 cells under 3 columns; put texts that hold “,” in quotes',
			}),
		]);
	});

	it.each(['NULL', 'null', 'NaN', 'nan', 'None', '#N/A', 'N/A'])('takes %s for a missing value', (cell) => {
		const { set, skipped } = readPairs(
			'a.csv',
			`prompt,chosen,rejected\nQ,A,${cell}\nQ,${cell},B\n${cell},A,B\n${GOOD}`,
		);
		expect(set.pairs).toHaveLength(1);
		expect(skipped.map(({ line }) => line)).toEqual([2, 3, 4]);
		const prompts = readPrompts('p.csv', `id,prompt\n1,${cell}\n2,Say hi to them\n`);
		expect(prompts.set.prompts.map(({ text }) => text)).toEqual(['Say hi to them']);
		expect(prompts.skipped.map(({ line }) => line)).toEqual([2]);
	});

	it('keeps the words inside of a text', () => {
		const { set } = readPairs('a.csv', 'prompt,chosen,rejected\nQ,null and void,none\n');
		expect(set.pairs[0]).toMatchObject({ chosen: 'null and void', rejected: 'none' });
	});

	it.each(['NaN', 'nan', 'None', 'null'])('skips a side of JSON that is the text “%s”', (text) => {
		const rows = [
			{ prompt: 'Q', chosen: text, rejected: 'B' },
			{ prompt: 'Q', chosen: 'A', rejected: 'B' },
		];
		const { set, skipped } = readPairs('a.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
		expect(set.pairs).toHaveLength(1);
		expect(skipped[0]?.reason).toContain('is missing');
	});
});
