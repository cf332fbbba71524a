/** Remakes the golden of the small tokenizers if REAL_PYTHON names a Python with `tokenizers`. */
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TOKENIZER_CASES } from '#tests/support/tokenizerCases.ts';
import { textsFor, type TokenizerDigests } from '#tests/support/tokenizerDigests.ts';
import { PYTHON, referenceDigests } from './reference.ts';

const FILE = 'tests/golden/data/tokenizer/texts.json';

test.skipIf(PYTHON === '')('the small tokenizers by the Rust library', () => {
	const digests: Record<string, TokenizerDigests> = {};
	for (const { name, json, count } of TOKENIZER_CASES) {
		const read = json();
		digests[name] = referenceDigests(read, textsFor(read, count));
	}
	expect(Object.keys(digests)).toHaveLength(TOKENIZER_CASES.length);
	writeFileSync(FILE, `${JSON.stringify(digests, null, '\t')}\n`);
});
