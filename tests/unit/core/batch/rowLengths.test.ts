import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { longPairs, longPrompts, type RowLengths } from '#core/batch/rowLengths.ts';
import { readPairs } from '#core/pair/importPairs.ts';
import { Cancelled } from '#core/errors.ts';
import { LocalRowReader } from '#runtime/rows/rowReader.ts';
import { loadTokenizer } from '#runtime/tokenizer/tokenizer.ts';
import { casePairs, casePrompts } from '#tests/support/cases.ts';
import { wordReader } from '#tests/support/rowReader.ts';

const SOURCE = {
	...{ id: 'words', title: 'Words', url: 'https://models.test/words/' },
	...{ library: null, parameters: 1, origin: { place: 'page' as const } },
};
const NEVER = new AbortController().signal;
const lengths = (rows: RowLengths['rows'], positions = 100): RowLengths => ({
	model: 'words',
	positions,
	rows,
});

describe('prompts', () => {
	test('that fill the model’s positions are left out, with tokens and limit', () => {
		expect(
			longPrompts(
				lengths([
					{ prompt: 99, answer: 0 },
					{ prompt: 100, answer: 0 },
				]),
			),
		).toEqual([{ index: 1, reason: 'the prompt is too long: 100 tokens, limit 99', leftOut: true }]);
	});

	test('that the tokenizer refuses are left out', () => {
		expect(longPrompts(lengths([null]))).toMatchObject([{ index: 0, leftOut: true }]);
	});
});

describe('pairs', () => {
	const rows = [
		{ prompt: 10, answer: 40 },
		{ prompt: 10, answer: 41 },
		{ prompt: 49, answer: 1 },
		{ prompt: 50, answer: 1 },
	];

	test('are cut at the recipe’s length, and left out if the prompt alone fills it', () => {
		expect(longPairs(lengths(rows), { maxLength: 50 })).toEqual([
			{
				index: 1,
				reason: 'an answer is too long: 41 tokens, limit 40 after a prompt of 10; its end is cut off',
				leftOut: false,
			},
			{ index: 3, reason: 'the prompt is too long: 50 tokens, limit 49', leftOut: true },
		]);
	});

	test('are held to the model’s positions if those are fewer', () => {
		expect(longPairs(lengths(rows, 50), { maxLength: 4000 }).map(({ index }) => index)).toEqual([1, 3]);
	});
});

describe('counted with the model’s tokenizer', () => {
	test('B8-long-held-out.jsonl: the row that the embedded model cannot read is named by its length', async () => {
		const { set } = await casePairs('B8-long-held-out.jsonl');
		const json = (name: string): unknown =>
			JSON.parse(readFileSync(`public/models/anchor-1m/${name}`, 'utf8')) as unknown;
		const tools = loadTokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
		const reader = new LocalRowReader(() => Promise.resolve({ tools, positions: 512 }));
		const counted = await reader.measure(SOURCE, set.pairs, NEVER);
		expect(longPairs(counted, { maxLength: 256 })).toEqual([
			{ index: 30, reason: 'the prompt is too long: 712 tokens, limit 255', leftOut: true },
		]);
	});

	test('B17-long.txt: characters do not decide, tokens do', async () => {
		const { set } = await casePrompts('B17-long.txt');
		expect(longPrompts(await wordReader(512).measure(SOURCE, set.prompts, NEVER))).toHaveLength(1);
		expect(longPrompts(await wordReader(8192).measure(SOURCE, set.prompts, NEVER))).toEqual([]);
	});

	test('can be cancelled, and another count follows', async () => {
		const rows = Array.from({ length: 3000 }, (_, i) => ({
			prompt: `p ${i}`,
			chosen: 'a '.repeat(300),
			rejected: 'b',
		}));
		const { pairs } = readPairs('x', rows.map((row) => JSON.stringify(row)).join('\n')).set;
		const reader = wordReader();
		const cancel = new AbortController();
		const counting = reader.measure(SOURCE, pairs, cancel.signal);
		cancel.abort();
		await expect(counting).rejects.toBeInstanceOf(Cancelled);
		expect((await reader.measure(SOURCE, pairs.slice(0, 3), NEVER)).rows).toHaveLength(3);
	});
});
