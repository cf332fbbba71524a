/** Runs reference.py. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TokenizerDigests } from '#tests/support/tokenizerDigests.ts';

/** A Python that has `tokenizers`; empty if the goldens stay as they are. */
export const PYTHON = process.env['REAL_PYTHON'] ?? '';

/** Digests by the Rust library. */
export function referenceDigests(json: object, texts: readonly string[]): TokenizerDigests {
	const folder = mkdtempSync(join(tmpdir(), 'tokenizer-'));
	const files = [join(folder, 'tokenizer.json'), join(folder, 'texts.json')] as const;
	writeFileSync(files[0], JSON.stringify(json));
	writeFileSync(files[1], JSON.stringify(texts));
	const printed = execFileSync(PYTHON, ['tests/real/reference.py', ...files], { encoding: 'utf8' });
	return JSON.parse(printed) as TokenizerDigests;
}
