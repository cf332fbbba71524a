import { describe, expect, it } from 'vitest';
import { stopTokenIds } from '#runtime/tokenizer/stopTokens.ts';

describe('stopTokenIds', () => {
	it('joins the tokenizer’s end and those of every configuration', () => {
		const generation = { eos_token_id: [128001, 128008, 128009] };
		const mlc = { conv_template: { stop_token_ids: [7, 128009] } };
		expect([...stopTokenIds(2, [generation, { eos_token_id: 3 }, mlc])]).toEqual([
			2, 128001, 128008, 128009, 3, 7,
		]);
	});

	it.each([
		[null],
		[{}],
		[{ eos_token_id: null }],
		[{ eos_token_id: ['2', -1, 1.5] }],
		[{ conv_template: 4 }],
	])('ignores %j', (config) => {
		expect([...stopTokenIds(2, [config])]).toEqual([2]);
	});
});
