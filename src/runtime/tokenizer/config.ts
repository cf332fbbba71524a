/** The fields of `tokenizer_config.json` that are used: special tokens and the chat template. */
import * as v from 'valibot';
import { chatTemplateMissing, tokenizerInvalid } from './faults.ts';

export const TOKENIZER_CONFIG_FILE = 'tokenizer_config.json';

const addedToken = v.union([v.string(), v.looseObject({ content: v.string() })]);

/** transformers' names of the special tokens, which templates may use. */
const SPECIAL = [
	'bos_token',
	'eos_token',
	'unk_token',
	'sep_token',
	'pad_token',
	'cls_token',
	'mask_token',
] as const;

const configSchema = v.looseObject({
	chat_template: v.nullish(
		v.union([v.string(), v.array(v.looseObject({ name: v.string(), template: v.string() }))]),
	),
	...v.entriesFromList(SPECIAL, v.nullish(addedToken)),
});

export type TokenizerConfig = v.InferOutput<typeof configSchema>;

/** @throws FormatError `tokenizer-invalid` */
export function readTokenizerConfig(json: unknown): TokenizerConfig {
	const result = v.safeParse(configSchema, json);
	if (result.success) return result.output;
	const [issue] = result.issues;
	throw tokenizerInvalid(`${v.getDotPath(issue) ?? 'its content'}: ${issue.message}`, TOKENIZER_CONFIG_FILE);
}

/** Special tokens as a template sees them; one that the tokenizer lacks is undefined there. */
export function specialTokensOf(config: TokenizerConfig): Record<string, string> {
	const entries = SPECIAL.flatMap((name) => {
		const token = config[name];
		return token === undefined || token === null ? [] : [[name, textOf(token)] as const];
	});
	return Object.fromEntries(entries);
}

/**
 * The template for chats without tools: the only one, or the one named `default`.
 *
 * @throws FormatError `chat-template-missing`
 */
export function chatTemplateOf({ chat_template: given }: TokenizerConfig): string {
	const template =
		typeof given === 'string' ? given : given?.find(({ name }) => name === 'default')?.template;
	if (template !== undefined) return template;
	throw chatTemplateMissing(TOKENIZER_CONFIG_FILE);
}

const textOf = (token: v.InferOutput<typeof addedToken>): string =>
	typeof token === 'string' ? token : token.content;
