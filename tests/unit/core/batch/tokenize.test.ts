import { describe, expect, test } from 'vitest';
import {
	pairAsChat,
	type TextTools,
	tokenizePair,
	tokenizePairs,
	truncatePair,
} from '#core/batch/tokenize.ts';
import type { PreferencePair } from '#core/pair/pair.ts';

/** One id a character, and `ab` merged into one, so that a border can fall inside a token. */
const tools: TextTools = {
	tokenizer: {
		encode: (text) => Array.from(text.replaceAll('ab', '\u0001'), (c) => c.codePointAt(0) ?? 0),
		decode: (ids) => String.fromCodePoint(...ids).replaceAll('\u0001', 'ab'),
	},
	eosToken: '$',
	renderChat: (messages, addGenerationPrompt) =>
		messages.map(({ role, content }) => `${role.charAt(0)}:${content}$`).join('') +
		(addGenerationPrompt ? 'a:' : ''),
};

function preferencePair(id: string, text: string, chosen: string, rejected: string): PreferencePair {
	return {
		id,
		prompt: { id, text, family: null },
		chosen,
		rejected,
		method: 'clair',
		from: null,
		edited: false,
	};
}

const decode = (ids: readonly number[]): string => tools.tokenizer.decode(ids);

test('plain text gets the end token once', () => {
	const pair = tokenizePair('p', { form: 'text', prompt: 'x ', chosen: 'y$', rejected: 'z' }, tools);
	expect([pair.promptIds, pair.chosenIds, pair.rejectedIds].map(decode)).toEqual(['x ', 'y$', 'z$']);
});

test('a token that spans the border belongs to the completions of both sides', () => {
	const pair = tokenizePair('p', { form: 'text', prompt: 'xa', chosen: 'b', rejected: 'c' }, tools);
	expect([pair.promptIds, pair.chosenIds, pair.rejectedIds].map(decode)).toEqual(['x', 'ab$', 'ac$']);
	expect(pair.mergedPromptTokens).toBe(1);
});

test('a chat relies on its template, and what both answers share stays in the completions', () => {
	const pair = tokenizePair('p', pairAsChat(preferencePair('p', 'hi', 'same end', 'same start')), tools);
	expect([pair.promptIds, pair.chosenIds, pair.rejectedIds].map(decode)).toEqual([
		'u:hi$a:',
		'same end$',
		'same start$',
	]);
});

describe('the largest length', () => {
	const pair = tokenizePair('p', { form: 'text', prompt: '12345', chosen: '67', rejected: '6789' }, tools);

	test('keeps the start of a side that is too long', () => {
		const cut = truncatePair(pair, 8);
		expect(cut && [cut.chosenIds, cut.rejectedIds].map(decode)).toEqual(['67$', '678']);
		expect(cut?.truncated).toBe(true);
		expect(truncatePair(pair, 10)).toBe(pair);
	});

	test('drops a prompt that fills it alone', () => {
		expect(truncatePair(pair, 5)).toBeNull();
		expect(truncatePair(pair, 6)).not.toBeNull();
	});

	test('is counted over a set', () => {
		const set = tokenizePairs(
			[
				preferencePair('a', 'hi', 'x', 'y'),
				preferencePair('b', 'hi', 'xyz', 'y'),
				preferencePair('c', 'hello!', 'x', 'y'),
			],
			tools,
			9,
		);
		expect(set.pairs.map(({ id }) => id)).toEqual(['a', 'b']);
		expect(set.dropped).toEqual(['c']);
		expect(set.truncated).toBe(1);
	});
});
