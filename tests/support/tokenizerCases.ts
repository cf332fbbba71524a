/** Small tokenizers that together have every step that the JavaScript and the Rust library take differently. */
import { goldenJson } from './goldens.ts';

type Step = Readonly<Record<string, unknown>>;

export interface TokenizerCase {
	name: string;
	/** A parsed `tokenizer.json`. */
	json: () => object;
	count: number;
}

const byteLevel = (use_regex: boolean, add_prefix_space = false): Step => ({
	type: 'ByteLevel',
	add_prefix_space,
	trim_offsets: true,
	use_regex,
});
const split = (pattern: Step, behavior: string, invert = false): Step => ({
	type: 'Split',
	pattern,
	behavior,
	invert,
});
const SPACE = { String: ' ' };

/** Steps before the bytes, on a model whose merges cross the borders of words. */
const STEPS: Readonly<Record<string, readonly Step[]>> = {
	'one digit each': [{ type: 'Digits', individual_digits: true }],
	'digits together': [{ type: 'Digits', individual_digits: false }],
	'signs apart': [{ type: 'Punctuation' }],
	'signs together': [{ type: 'Punctuation', behavior: 'Contiguous' }],
	'words and signs': [{ type: 'Whitespace' }],
	'words between spaces': [{ type: 'WhitespaceSplit' }],
	'space ends a word': [split(SPACE, 'MergedWithPrevious')],
	'space starts a word': [split(SPACE, 'MergedWithNext')],
	'spaces together': [split(SPACE, 'Contiguous')],
	'spaces removed': [split(SPACE, 'Removed')],
	'spaces apart': [split(SPACE, 'Isolated', true)],
	'only letters': [split({ Regex: '\\p{L}+' }, 'Removed', true)],
};

/** The model of merges across words, with these steps. */
function bytesWith(pretokenizers: readonly Step[], normalizer: Step | null = null): object {
	return {
		...goldenJson<object>('tokenizer/tokenizer-bytes.json'),
		normalizer,
		pre_tokenizer: { type: 'Sequence', pretokenizers },
	};
}

const FILES = ['', '-smollm', '-qwen', '-llama3', '-llama2', '-metaspace'];

export const TOKENIZER_CASES: readonly TokenizerCase[] = [
	...FILES.map((style) => ({
		name: `tokenizer${style}`,
		json: () => goldenJson<object>(`tokenizer/tokenizer${style}.json`),
		count: 1000,
	})),
	...Object.entries(STEPS).map(([name, steps]) => ({
		name,
		json: () => bytesWith([...steps, byteLevel(false)]),
		count: 300,
	})),
	{ name: 'words of bytes', json: () => bytesWith([byteLevel(true)]), count: 600 },
	{ name: 'words of bytes after a space', json: () => bytesWith([byteLevel(true, true)]), count: 600 },
	{
		name: 'a replacement with $',
		json: () => bytesWith([byteLevel(false)], { type: 'Replace', pattern: { String: 'a' }, content: '$&$1' }),
		count: 200,
	},
];
