/**
 * Tokenizers of published models against Hugging Face's Rust library, on ten thousand seeded texts each: ids, and
 * texts decoded from ids. `npm run test:real`; REAL_PYTHON, a Python with `tokenizers`, makes the digests anew.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createTokenizer } from '#runtime/tokenizer/tokenizer.ts';
import { textsFor, tokenizerDigests, type TokenizerDigests } from '#tests/support/tokenizerDigests.ts';
import { FAMILIES, tokenizerJson } from './files.ts';

const TEXTS = 10_000;
const FILE = 'tests/real/tokenizers.json';
const PYTHON = process.env['REAL_PYTHON'] ?? '';

const golden = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, TokenizerDigests>;

/** Digests by the Rust library. */
function referenceDigests(json: object, texts: readonly string[]): TokenizerDigests {
	const folder = mkdtempSync(join(tmpdir(), 'tokenizer-'));
	const files = [join(folder, 'tokenizer.json'), join(folder, 'texts.json')] as const;
	writeFileSync(files[0], JSON.stringify(json));
	writeFileSync(files[1], JSON.stringify(texts));
	const printed = execFileSync(PYTHON, ['tests/real/reference.py', ...files], { encoding: 'utf8' });
	return JSON.parse(printed) as TokenizerDigests;
}

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
