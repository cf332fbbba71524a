/** Rows that cannot be read, with the embedded model's own tokenizer. */
import { describe, expect, it, test } from 'vitest';
import * as fc from 'fast-check';
import { promptBatches } from '#compute/promptBatches.ts';
import { tooLong } from '#core/batch/length.ts';
import { tokenizePairs } from '#core/batch/tokenize.ts';
import { anchorTokenizer } from '#tests/support/anchorTokenizer.ts';
import { caseLines } from '#tests/support/caseBytes.ts';
import { preferencePair } from '#tests/support/preferencePair.ts';
import { targets } from '#tests/fuzz/rows.fuzz.ts';

const tools = anchorTokenizer();
const sampling = { temperature: 0, topP: 1, maxTokens: 40, seed: 1 };
/** Most tokens of a prompt: the embedded model reads 512. */
const LIMIT = 511;

test('a length in words', () => expect(tooLong(712, 511)).toBe('too long: 712 tokens, limit 511'));

describe('pairs', () => {
	test('of B8-long-held-out.jsonl: 30 are used, one is named with its length and the limit', () => {
		const rows = caseLines('B8-long-held-out.jsonl').map(
			(line) => JSON.parse(line) as Record<string, string>,
		);
		const set = rows.map(({ prompt = '', chosen = '', rejected = '' }, i) =>
			preferencePair(`${i}`, prompt, chosen, rejected),
		);
		const { pairs, leftOut } = tokenizePairs(set, tools, 256);
		expect(pairs).toHaveLength(30);
		expect(leftOut).toMatchObject([
			{ error: { code: 'prompt-too-long', context: { tokens: 712, limit: 255 } } },
		]);
	});

	it.each([
		['', 'yes', 'no', 'prompt-empty'],
		['hi', ' ', 'no', 'chosen-empty'],
		['hi', 'yes', '\n\t', 'rejected-empty'],
		['hi', 'yes', '', 'rejected-empty'],
	])('%j, %j, %j: %s', (prompt, chosen, rejected, code) => {
		const bad = preferencePair('bad', prompt, chosen, rejected);
		const set = tokenizePairs([preferencePair('a', 'x', 'y', 'z'), bad], tools, 64);
		expect(set.pairs.map(({ id }) => id)).toEqual(['a']);
		expect(set.leftOut).toMatchObject([{ id: 'bad', error: { code } }]);
	});

	test('that the template or the tokenizer refuses are named, with the cause', () => {
		const moody = {
			...tools,
			renderChat: () => {
				throw new TypeError('cannot read properties');
			},
		};
		const [fault] = tokenizePairs([preferencePair('a', 'x', 'y', 'z')], moody, 64).leftOut;
		expect(fault).toMatchObject({ id: 'a', error: { code: 'text-unreadable' } });
		expect(fault?.error.message).toContain('cannot read properties');
	});
});

describe('prompts', () => {
	test('of B17-long.txt: those that are too long are refused, each with its length', () => {
		const texts = [...caseLines('B17-long.txt'), 'hi'];
		const prompts = texts.map((content) => [{ role: 'user' as const, content }]);
		const { batches, refused } = promptBatches({ prompts, sampling }, tools, LIMIT);
		expect(batches.flat().length + refused.length).toBe(prompts.length);
		expect(batches.flat().at(-1)).toMatchObject({ index: prompts.length - 1, row: { seed: prompts.length } });
		for (const { error } of refused) {
			expect(error).toMatchObject({ code: 'prompt-too-long', context: { limit: LIMIT } });
			expect(error.context['tokens']).toBeGreaterThan(LIMIT);
		}
		expect(refused.length).toBeGreaterThan(0);
	});
});

describe('rows of any text', () => {
	for (const { name, arbitrary, check } of targets) {
		test(name, () =>
			fc.assert(
				fc.asyncProperty(arbitrary as fc.Arbitrary<never>, async (input) => check(input)),
				{ numRuns: 100 },
			),
		);
	}
});
