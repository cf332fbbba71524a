/**
 * Rewrites a parsed `tokenizer.json` so that `@huggingface/tokenizers` splits texts as the Rust library does. The two
 * libraries give some steps another meaning; each rule replaces such a step by steps that have one meaning in both.
 *
 * @source tokenizers 0.23 (Rust) and @huggingface/tokenizers 0.2.0 (JavaScript)
 */
import { BYTE_CHARACTERS } from './byteCharacters.ts';
import { splitRegex } from './splitRegex.ts';
import { isStep, textOr, type Step } from './step.ts';

type Rule = (step: Step) => readonly Step[];

/** GPT-2's words. Inside the JavaScript step `ByteLevel`, \s includes U+FEFF and lacks U+0085. */
const GPT2_WORDS = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;
const PUNCTUATION = String.raw`[\p{P}!-/:-@\[-\x60{-~]`;

const regexOf = (source: string): Step => ({ Regex: source });
const isolate = (source: string): Step => ({
	type: 'Split',
	pattern: regexOf(source),
	behavior: 'Isolated',
	invert: false,
});
const keepOnly = (source: string): Step => ({
	type: 'Split',
	pattern: regexOf(source),
	behavior: 'Removed',
	invert: true,
});

const PRE_TOKENIZER_RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
	// Rust: every character that Unicode calls a number (½, Ⅷ, ٣). JavaScript: only 0 to 9.
	[
		'Digits',
		(step) => [isolate(step['individual_digits'] === true ? String.raw`\p{N}` : String.raw`\p{N}+`)],
	],
	['ByteLevel', byteLevel],
	['Split', split],
	['Metaspace', metaspace],
	// Rust: every sign apart, unless told otherwise. JavaScript: runs of signs together.
	[
		'Punctuation',
		(step) =>
			split({ type: 'Split', pattern: regexOf(PUNCTUATION), behavior: step['behavior'] ?? 'Isolated' }),
	],
	// JavaScript's \w knows ASCII alone.
	['Whitespace', () => [keepOnly(String.raw`\w+|[^\w\s]+`)]],
	['WhitespaceSplit', () => [keepOnly(String.raw`\S+`)]],
]);

/** The same tokenizer for the JavaScript library; parts that Rust's reader may lack are filled with their defaults. */
export function vendorForm(json: Step): Record<string, unknown> {
	return {
		post_processor: null,
		added_tokens: [],
		...json,
		normalizer: rewriteNormalizer(json['normalizer']),
		pre_tokenizer: rewritePreTokenizer(json['pre_tokenizer'], json['model']),
		// Texts are decoded by decoder.ts.
		decoder: null,
	};
}

function rewritePreTokenizer(step: unknown, model: unknown): unknown {
	if (!isStep(step)) return null;
	const steps = [...stepsOf(step), ...unknownBytes(step, model)];
	const [only] = steps;
	return steps.length === 1 && only !== undefined ? only : { type: 'Sequence', pretokenizers: steps };
}

function stepsOf(step: Step): readonly Step[] {
	if (step['type'] === 'Sequence') return childrenOf(step, 'pretokenizers').flatMap(stepsOf);
	const rule = PRE_TOKENIZER_RULES.get(textOr(step['type'], ''));
	return rule === undefined ? [step] : rule(step);
}

function byteLevel(step: Step): readonly Step[] {
	const bytes: Step = { ...step, add_prefix_space: false, use_regex: false };
	const words = step['use_regex'] === false ? [] : [isolate(GPT2_WORDS)];
	// The space precedes the split into words. An empty match would fall between the halves of a character.
	const prefix: Step = { type: 'Replace', pattern: regexOf(String.raw`\A[^ ]`), content: ' $&' };
	return [...(step['add_prefix_space'] === true ? [prefix] : []), ...words, bytes];
}

/**
 * A vocabulary may lack bytes (SmolLM2: U+0004 and others). Rust drops them before merging, so their neighbours merge;
 * JavaScript drops them after it.
 */
function unknownBytes(step: Step, model: unknown): readonly Step[] {
	const isByteLevel = stepsOf(step).some(({ type }) => type === 'ByteLevel');
	if (!isByteLevel || !isStep(model) || !isStep(model['vocab'])) return [];
	if (model['byte_fallback'] === true || typeof model['unk_token'] === 'string') return [];
	const vocabulary = model['vocab'];
	const missing = BYTE_CHARACTERS.filter((character) => !Object.hasOwn(vocabulary, character));
	if (missing.length === 0) return [];
	const codes = missing.map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
	return [{ type: 'Replace', pattern: regexOf(`[${codes.join('')}]`), content: '' }];
}

function split(step: Step): readonly Step[] {
	const pattern = isStep(step['pattern']) ? step['pattern'] : {};
	const source = splitRegex(pattern, textOr(step['behavior'], 'Isolated'), step['invert'] === true);
	return source === null ? [step] : [source.keepsRest ? isolate(source.regex) : keepOnly(source.regex)];
}

/** Rust splits before every replaced space unless `split` is false; the JavaScript step never splits. */
function metaspace(step: Step): readonly Step[] {
	const scheme = step['prepend_scheme'] ?? (step['add_prefix_space'] === false ? 'never' : 'always');
	const whole: Step = { ...step, prepend_scheme: scheme };
	if (step['split'] === false) return [whole];
	const pattern: Step = { String: step['replacement'] ?? '▁' };
	return [whole, ...split({ type: 'Split', pattern, behavior: 'MergedWithNext' })];
}

function rewriteNormalizer(step: unknown): unknown {
	if (!isStep(step)) return null;
	if (step['type'] === 'Sequence') {
		return { ...step, normalizers: childrenOf(step, 'normalizers').map(rewriteNormalizer) };
	}
	if (step['type'] !== 'Replace' || typeof step['content'] !== 'string') return step;
	// JavaScript reads $ in a replacement as a reference.
	return { ...step, content: step['content'].replaceAll('$', '$$$$') };
}

function childrenOf(step: Step, key: string): readonly Step[] {
	const children = step[key];
	return Array.isArray(children) ? children.filter(isStep) : [];
}
