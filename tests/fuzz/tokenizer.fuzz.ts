/** A model's tokenizer files from outside: every one loads, or is refused by name; texts survive. */
import fc from 'fast-check';
import { stopTokenIds } from '#runtime/tokenizer/stopTokens.ts';
import { createTokenizer, loadTokenizer } from '#runtime/tokenizer/tokenizer.ts';
import { goldenJson } from '#tests/support/goldens.ts';
import { onlyAppErrors, target, type FuzzTarget } from './target.ts';

const bytes = goldenJson<Record<string, unknown>>('tokenizer/tokenizer-bytes.json');
const pieces = goldenJson<Record<string, unknown>>('tokenizer/tokenizer-llama2.json');

const step = fc.record(
	{
		type: fc.constantFrom('Split', 'Digits', 'ByteLevel', 'Metaspace', 'Punctuation', 'Replace', 'Fuse', 'x'),
		pattern: fc.oneof(
			fc.record({ String: fc.string() }),
			fc.record({ Regex: fc.constantFrom('\\p{N}', '(', '[a', '(?i:b)', '\\s+', '') }),
			fc.jsonValue(),
		),
		behavior: fc.constantFrom('Isolated', 'Removed', 'MergedWithNext', 'MergedWithPrevious', 'Contiguous', 4),
		invert: fc.boolean(),
		content: fc.constantFrom<unknown>('', '$&', '▁', 1),
		add_prefix_space: fc.boolean(),
		use_regex: fc.boolean(),
	},
	{ requiredKeys: ['type'] },
);
const file = fc.record({
	normalizer: fc.oneof(fc.constant(null), step, fc.jsonValue()),
	pre_tokenizer: fc.oneof(
		step,
		fc.record({ type: fc.constant('Sequence'), pretokenizers: fc.array(step, { maxLength: 3 }) }),
		fc.jsonValue(),
	),
	decoder: fc.oneof(fc.constant(null), step, fc.jsonValue()),
	added_tokens: fc.jsonValue(),
});
const templateParts = fc.constantFrom(
	...'{{|}}|{%|%}|{#|#}| for m in messages | if x | endif | endfor | set x = |m.content| messages[0]|.strip("|")|+|~|"a"|[|]|(|)|range(9)| | trim|\n|-'.split(
		'|',
	),
);

export const targets: readonly FuzzTarget[] = [
	target('tokenizer files: loaded, or refused by name', fc.jsonValue(), (json) => {
		onlyAppErrors(() => createTokenizer(json));
		onlyAppErrors(() => loadTokenizer(bytes, json));
		stopTokenIds(2, [json, { eos_token_id: json }, { conv_template: { stop_token_ids: json } }]);
	}),
	target(
		'tokenizer steps: any steps split any text',
		fc.tuple(file, fc.string({ unit: 'grapheme' })),
		([change, text]) => {
			const read = onlyAppErrors(() => createTokenizer({ ...bytes, ...change }));
			if (read !== null) read.tokenizer.decode(read.tokenizer.encode(text));
		},
	),
	target(
		'text of ids: pieces join to it',
		fc.array(fc.integer({ min: -1, max: 600 }), { maxLength: 30 }),
		(ids) => {
			const { tokenizer, pieces: split } = createTokenizer(pieces);
			const parts = split(ids);
			if (parts.length !== ids.length) throw new Error('not one piece per id');
			if (parts.join('') !== tokenizer.decode(ids)) throw new Error('the pieces are another text');
		},
	),
	target(
		'chat template: rendered, or refused by name',
		fc.array(templateParts, { maxLength: 20 }),
		(parts) => {
			const config = { eos_token: '<|end|>', chat_template: parts.join('') };
			const added = [{ id: 0, content: '<|end|>', special: true }];
			const tools = onlyAppErrors(() => loadTokenizer({ ...pieces, added_tokens: added }, config));
			onlyAppErrors(() => tools?.renderChat([{ role: 'user', content: ' Hi ' }], true));
		},
	),
];
