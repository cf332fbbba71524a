import { describe, expect, test } from 'vitest';
import {
	type CompletionText,
	pairAsChat,
	sidesOf,
	type TextTools,
	tokenizeCompletion,
	tokenizePair,
	tokenizePairs,
	tokensOf,
	truncateCompletion,
	truncatePair,
} from '#core/batch/tokenize.ts';
import { preferencePair } from '#tests/support/preferencePair.ts';

/** One id per character, except one for `ab`, so that a border can fall inside a token. */
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

const decode = (ids: readonly number[]): string => tools.tokenizer.decode(ids);

test('plain text gets the end token once', () => {
	const pair = tokenizePair('p', { form: 'text', prompt: 'x ', chosen: 'y$', rejected: 'z' }, tools);
	expect([pair.promptIds, pair.chosenIds, pair.rejectedIds].map(decode)).toEqual(['x ', 'y$', 'z$']);
});

test('a token that spans the border belongs to the completions of both sides', () => {
	const pair = tokenizePair('p', { form: 'text', prompt: 'xa', chosen: 'b', rejected: 'c' }, tools);
	expect([pair.promptIds, pair.chosenIds, pair.rejectedIds].map(decode)).toEqual(['x', 'ab$', 'ac$']);
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
		expect(set.leftOut).toMatchObject([
			{ id: 'c', error: { code: 'prompt-too-long', context: { tokens: 11, limit: 8 } } },
		]);
		expect(set.truncated).toBe(1);
	});
});

describe('an unpaired completion', () => {
	const text = { form: 'text', prompt: 'xa', completion: 'b' } as const;

	test('is cut from its prompt by the rules of a pair', () => {
		const example = tokenizeCompletion('c', text, true, tools);
		const pair = tokenizePair('c', { form: 'text', prompt: 'xa', chosen: 'b', rejected: 'b' }, tools);
		expect(example).toEqual({
			id: 'c',
			promptIds: pair.promptIds,
			completionIds: pair.chosenIds,
			label: true,
			truncated: false,
		});
		const answer: CompletionText = {
			form: 'chat',
			prompt: [{ role: 'user', content: 'hi' }],
			completion: [{ role: 'assistant', content: 'yes' }],
		};
		const { promptIds, completionIds } = tokenizeCompletion('c', answer, false, tools);
		expect([promptIds, completionIds].map(decode)).toEqual(['u:hi$a:', 'yes$']);
	});

	test('is one side of its label, a pair is two', () => {
		const example = tokenizeCompletion('c', text, false, tools);
		expect(sidesOf(example)).toEqual([{ ids: example.completionIds, chosen: false }]);
		expect(tokensOf(example)).toBe(1 + 2);
		const pair = tokenizePair('p', { form: 'text', prompt: 'xa', chosen: 'b', rejected: 'cd' }, tools);
		expect(sidesOf(pair)).toEqual([
			{ ids: pair.chosenIds, chosen: true },
			{ ids: pair.rejectedIds, chosen: false },
		]);
		expect(tokensOf(pair)).toBe(2 * 1 + 2 + 4);
	});

	test('keeps its start at the largest length, or is dropped', () => {
		const example = tokenizeCompletion(
			'c',
			{ form: 'text', prompt: '12345', completion: '6789' },
			true,
			tools,
		);
		expect(truncateCompletion(example, 10)).toBe(example);
		expect(truncateCompletion(example, 8)).toEqual({
			...example,
			completionIds: example.completionIds.slice(0, 3),
			truncated: true,
		});
		expect(truncateCompletion(example, 5)).toBeNull();
	});
});
