/** Tokenizers from GGUF metadata, through the library that the app uses. */
import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, test } from 'vitest';
import { Metadata } from '#core/checkpoint/gguf/metadata.ts';
import type { GgufValue } from '#core/checkpoint/gguf/metadataValues.ts';
import { mergesFromScores } from '#core/checkpoint/gguf/mergesFromScores.ts';
import { tokenizerOfGguf } from '#core/checkpoint/gguf/tokenizer.ts';
import { goldenJson, goldenTest } from '#tests/support/goldens.ts';

interface TokenizerJson {
	added_tokens: { id: number; content: string }[];
	model: { vocab: Record<string, number>; merges: (string | [string, string])[] };
}

const CASES = 'tokenizer/cases';

/** The metadata that llama.cpp's converter writes for a byte-level `tokenizer.json`. */
function metadataOf({ model, added_tokens }: TokenizerJson, pre: string): Metadata {
	const tokens: string[] = [];
	for (const [token, id] of Object.entries(model.vocab)) tokens[id] = token;
	for (const { id, content } of added_tokens) tokens[id] = content;
	const control = new Set(added_tokens.map(({ id }) => id));
	const merges = model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' ')));
	return new Metadata(
		new Map<string, GgufValue>([
			['tokenizer.ggml.model', 'gpt2'],
			['tokenizer.ggml.pre', pre],
			['tokenizer.ggml.tokens', tokens],
			['tokenizer.ggml.token_type', tokens.map((_, id) => (control.has(id) ? 3 : 1))],
			['tokenizer.ggml.merges', merges],
			['tokenizer.ggml.eos_token_id', 2],
		]),
		'm.gguf',
	);
}

describe.each([
	['', 'gpt-2'],
	['-smollm', 'smollm'],
	['-qwen', 'qwen2'],
])('byte-level BPE%s, split %s', (style, pre) => {
	const file = `tokenizer/tokenizer${style}.json`;
	const cases = `${CASES}${style}.json`;

	goldenTest('has the ids of the model’s own tokenizer.json', [file, cases], () => {
		const { tokenizerJson } = tokenizerOfGguf(metadataOf(goldenJson<TokenizerJson>(file), pre), 512);
		const tokenizer = new Tokenizer(tokenizerJson, { clean_up_tokenization_spaces: false });
		for (const { text, ids } of goldenJson<{ cases: { text: string; ids: number[] }[] }>(cases).cases) {
			expect(tokenizer.encode(text, { add_special_tokens: false }).ids, text).toEqual(ids);
		}
	});
});

test('Llama 3 splits up to three digits and takes whole words that are tokens', () => {
	const metadata = new Map<string, GgufValue>([
		['tokenizer.ggml.model', 'gpt2'],
		['tokenizer.ggml.pre', 'llama-bpe'],
		['tokenizer.ggml.tokens', ['<|begin|>', '1', '2', '3', '123', '4', '<|end|>']],
		['tokenizer.ggml.token_type', [3, 1, 1, 1, 1, 1, 3]],
		['tokenizer.ggml.merges', []],
		['tokenizer.ggml.bos_token_id', 0],
		['tokenizer.ggml.eos_token_id', 6],
	]);
	const { tokenizerJson, tokenizerConfig } = tokenizerOfGguf(new Metadata(metadata, 'm.gguf'), 512);
	const tokenizer = new Tokenizer(tokenizerJson, { clean_up_tokenization_spaces: false });
	// "123" is one word and a token without a merge; "4" is the next word.
	expect(tokenizer.encode('1234').ids).toEqual([0, 4, 5]);
	expect(tokenizer.encode('12<|end|>', { add_special_tokens: false }).ids).toEqual([1, 2, 6]);
	expect(tokenizerConfig).toMatchObject({
		bos_token: '<|begin|>',
		eos_token: '<|end|>',
		add_bos_token: true,
	});
	expect(tokenizerConfig).not.toHaveProperty('chat_template');
});

test('SmolLM divides every numeric character, also ½ and Ⅷ', () => {
	const { tokenizerJson } = tokenizerOfGguf(
		metadataOf(goldenJson<TokenizerJson>('tokenizer/tokenizer-smollm.json'), 'smollm'),
		512,
	);
	expect(tokenizerJson).toMatchObject({
		pre_tokenizer: {
			pretokenizers: [{ type: 'Split', pattern: { Regex: '\\p{N}' }, behavior: 'Isolated' }, {}],
		},
	});
});

describe('SentencePiece BPE', () => {
	const BYTES = Array.from(
		{ length: 256 },
		(_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
	);
	const WORDS = ['▁a', 'ab', '▁ab', '▁', 'a', 'b', 'c'];
	const tokens = ['<unk>', '<s>', '</s>', ...BYTES, ...WORDS];
	const metadata = (more: readonly (readonly [string, GgufValue])[] = []): Metadata =>
		new Metadata(
			new Map<string, GgufValue>([
				['tokenizer.ggml.model', 'llama'],
				['tokenizer.ggml.tokens', tokens],
				['tokenizer.ggml.scores', tokens.map((_, id) => -id)],
				['tokenizer.ggml.token_type', tokens.map((_, id) => (id === 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1))],
				...more,
			]),
			'm.gguf',
		);
	const id = (token: string): number => tokens.indexOf(token);

	test('merges by score, puts a space first, and writes unknown characters as bytes', () => {
		const { tokenizerJson, tokenizerConfig } = tokenizerOfGguf(metadata(), 2048);
		const tokenizer = new Tokenizer(tokenizerJson, { clean_up_tokenization_spaces: false });
		const plain = (text: string): number[] => tokenizer.encode(text, { add_special_tokens: false }).ids;
		// "▁a" has a higher score than "ab", so "▁ab" is made of "▁a" and "b".
		expect(plain('ab')).toEqual([id('▁ab')]);
		expect(plain('c ab')).toEqual([id('▁'), id('c'), id('▁ab')]);
		expect(plain('é')).toEqual([id('▁'), id('<0xC3>'), id('<0xA9>')]);
		expect(tokenizer.encode('a').ids).toEqual([id('<s>'), id('▁a')]);
		expect(tokenizer.decode([id('▁a'), id('▁'), id('<0xC3>'), id('<0xA9>')])).toBe('a é');
		expect(tokenizerConfig).toMatchObject({
			tokenizer_class: 'LlamaTokenizer',
			bos_token: '<s>',
			eos_token: '</s>',
			unk_token: '<unk>',
		});
	});

	test('puts no space first if the file says so', () => {
		const { tokenizerJson } = tokenizerOfGguf(metadata([['tokenizer.ggml.add_space_prefix', false]]), 2048);
		const tokenizer = new Tokenizer(tokenizerJson, { clean_up_tokenization_spaces: false });
		expect(tokenizer.encode('ab', { add_special_tokens: false }).ids).toEqual([id('ab')]);
		expect(tokenizer.decode([id('▁a')])).toBe(' a');
	});

	test('scores for other tokens are refused', () => {
		const wrong = metadata([['tokenizer.ggml.scores', [0, 1]]]);
		expect(() => tokenizerOfGguf(wrong, 2048)).toThrow(/has 2 scores for 266 tokens/);
	});
});

test('merges follow the order of transformers’ generate_merges', () => {
	const ids = new Map(['a', 'b', 'c', 'ab', 'bc', 'abc', 'aa'].map((token, i) => [token, i]));
	// Scores: "abc" first by two splits, of which the longer left part comes first; "ab" and "bc" tie.
	const scores = [0, 0, 0, -2, -2, -1, -9];
	expect(mergesFromScores(ids, (id) => scores[id] ?? null)).toEqual(['ab c', 'a bc', 'a b', 'b c', 'a a']);
	expect(mergesFromScores(ids, (id) => (id === 6 ? null : 0))).not.toContain('a a');
});
