/**
 * How byte-level tokenizers split a text into words before merging, by llama.cpp's names of the splits
 * (`tokenizer.ggml.pre`), as steps of `tokenizer.json`.
 *
 * @source the tokenizer.json files of the models, and llama-vocab.cpp for the names
 */
import { ggufUnsupported } from './fault.ts';

export interface PreTokenizer {
	normalizer: object | null;
	steps: readonly object[];
	/** True if a word that is a token is not split by merging. */
	ignoreMerges: boolean;
	/** True if llama.cpp adds bos unless the file says otherwise. */
	addsBos: boolean;
	/** transformers' class of the tokenizer. */
	tokenizerClass: string;
}

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
/** GPT-4's expression, with up to `digits` digits in a word. */
const gpt4Words = (digits: string): string =>
	`${CONTRACTIONS}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

const byteLevel = (useRegex: boolean): object => ({
	type: 'ByteLevel',
	add_prefix_space: false,
	trim_offsets: true,
	use_regex: useRegex,
});

const split = (regex: string): object => ({
	type: 'Split',
	pattern: { Regex: regex },
	behavior: 'Isolated',
	invert: false,
});

const GPT2: PreTokenizer = {
	normalizer: null,
	steps: [byteLevel(true)],
	ignoreMerges: false,
	addsBos: false,
	tokenizerClass: 'GPT2Tokenizer',
};

/**
 * SmolLM's own file has the step `Digits`, which is \p{N} in the Rust library and \d in the JavaScript one; this
 * step has one meaning in both.
 */
const SMOLLM: PreTokenizer = { ...GPT2, steps: [split('\\p{N}'), byteLevel(true)] };

const LLAMA3: PreTokenizer = {
	normalizer: null,
	steps: [split(gpt4Words('\\p{N}{1,3}')), byteLevel(false)],
	ignoreMerges: true,
	addsBos: true,
	tokenizerClass: 'PreTrainedTokenizerFast',
};

const QWEN2: PreTokenizer = {
	normalizer: { type: 'NFC' },
	steps: [split(gpt4Words('\\p{N}')), byteLevel(false)],
	ignoreMerges: false,
	addsBos: false,
	tokenizerClass: 'Qwen2Tokenizer',
};

const PRE_TOKENIZERS: ReadonlyMap<string, PreTokenizer> = new Map([
	['default', GPT2],
	['gpt-2', GPT2],
	['smollm', SMOLLM],
	['llama3', LLAMA3],
	['llama-v3', LLAMA3],
	['llama-bpe', LLAMA3],
	['qwen2', QWEN2],
	['deepseek-r1-qwen', QWEN2],
]);

/** @throws FormatError `gguf-unsupported` naming another split */
export function preTokenizerOf(name: string, source: string): PreTokenizer {
	const known = PRE_TOKENIZERS.get(name);
	if (known !== undefined) return known;
	throw ggufUnsupported(
		source,
		`its tokenizer splits words like “${name.slice(0, 40)}”, which is not known here.`,
		`Known are ${[...PRE_TOKENIZERS.keys()].join(', ')}. Take the model as safetensors, which have the tokenizer’s own file.`,
	);
}
