/** Our tokenizers against Hugging Face's Rust library on seeded texts: ids, and texts decoded from ids. */
import { describe, expect, test } from 'vitest';
import { createTokenizer } from '#runtime/tokenizer/tokenizer.ts';
import { goldenJson } from '#tests/support/goldens.ts';
import { TOKENIZER_CASES } from '#tests/support/tokenizerCases.ts';
import { textsFor, tokenizerDigests, type TokenizerDigests } from '#tests/support/tokenizerDigests.ts';

const golden = goldenJson<Record<string, TokenizerDigests>>('tokenizer/texts.json');

describe.each(TOKENIZER_CASES)('$name', ({ name, json, count }) => {
	const read = json();
	const { tokenizer, pieces } = createTokenizer(read);
	const texts = textsFor(read, count);

	test('has the ids and texts of the Rust library', () => {
		expect(tokenizerDigests(tokenizer, texts)).toEqual(golden[name]);
	});

	test('gives one piece per id; joined, they are the decoded text', () => {
		for (const text of texts.slice(0, 200)) {
			for (const step of [1, 2]) {
				const ids = tokenizer.encode(text).filter((_, i) => i % step === 0);
				const parts = pieces(ids);
				expect(parts).toHaveLength(ids.length);
				expect(parts.join('')).toBe(tokenizer.decode(ids));
			}
		}
	});
});
