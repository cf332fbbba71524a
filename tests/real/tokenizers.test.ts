/**
 * Tokenizers of published models against Hugging Face's Rust library, on ten thousand seeded texts each: ids, and
 * texts decoded from ids. `npm run test:real`; REAL_PYTHON, a Python with `tokenizers`, remakes the digests.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { createTokenizer } from '#runtime/tokenizer/tokenizer.ts';
import { textsFor, tokenizerDigests, type TokenizerDigests } from '#tests/support/tokenizerDigests.ts';
import { FAMILIES, tokenizerJson } from './files.ts';
import { PYTHON, referenceDigests } from './reference.ts';

const TEXTS = 10_000;
const FILE = 'tests/real/tokenizers.json';

const golden = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, TokenizerDigests>;

describe.each(FAMILIES)('%s', (family) => {
	test('has the ids and texts of the Rust library', async () => {
		const json = await tokenizerJson(family);
		const texts = textsFor(json, TEXTS);
		if (PYTHON !== '') golden[family] = referenceDigests(json, texts);
		expect(tokenizerDigests(createTokenizer(json).tokenizer, texts)).toEqual(golden[family]);
	});
});

afterAll(() => {
	if (PYTHON !== '') writeFileSync(FILE, `${JSON.stringify(golden, null, '\t')}\n`);
});
