/** Ids and decoded texts of a tokenizer for the seeded texts, as digests: the form of tests/real/reference.py. */
import { createHash } from 'node:crypto';
import type { Tokenizer } from '#core/ports.ts';
import { tokenizerText } from './tokenizerTexts.ts';

/** Eight hexadecimal digits for each hundred texts, joined by spaces. */
export interface TokenizerDigests {
	count: number;
	ids: string;
	withSpecialTokens: string;
	decoded: string;
	withoutSpecialTokens: string;
	/** Decoded texts of every second id. */
	brokenDecoded: string;
}

/** Texts of one digest. */
const PER = 100;

function digestsOf(items: readonly unknown[]): string {
	const digests: string[] = [];
	for (let i = 0; i < items.length; i += PER) {
		const text = JSON.stringify(items.slice(i, i + PER));
		digests.push(createHash('sha256').update(text).digest('hex').slice(0, 8));
	}
	return digests.join(' ');
}

/** The texts for a parsed `tokenizer.json`, with its added tokens. */
export function textsFor(json: object, count: number): string[] {
	const { added_tokens: added = [] } = json as { added_tokens?: { content: string }[] };
	const special = added.map(({ content }) => content);
	return Array.from({ length: count }, (_, index) => tokenizerText(index, special));
}

export function tokenizerDigests(tokenizer: Tokenizer, texts: readonly string[]): TokenizerDigests {
	const ids = texts.map((text) => tokenizer.encode(text));
	const everySecond = ids.map((row) => row.filter((_, i) => i % 2 === 0));
	return {
		count: texts.length,
		ids: digestsOf(ids),
		withSpecialTokens: digestsOf(texts.map((text) => tokenizer.encode(text, { addSpecialTokens: true }))),
		decoded: digestsOf(ids.map((row) => tokenizer.decode(row))),
		withoutSpecialTokens: digestsOf(ids.map((row) => tokenizer.decode(row, { skipSpecialTokens: true }))),
		brokenDecoded: digestsOf(everySecond.map((row) => tokenizer.decode(row))),
	};
}
