/**
 * A model's tokenizer and chat template, read from `tokenizer.json` and `tokenizer_config.json`. The ids
 * equal WebLLM's for the same messages (tests/gpu/webllm.test.ts), so both engines see the same text.
 */
import { Template } from '@huggingface/jinja';
import { Tokenizer as HfTokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { FormatError } from '#core/errors.ts';
import type { Message } from '#core/output/output.ts';
import type { Tokenizer } from '#core/ports.ts';

/** Converts messages to ids and ids to text. Has the form of the core's `TextTools`. */
export interface TextTools {
	tokenizer: Tokenizer;
	/** Renders messages with the model's chat template; `addGenerationPrompt` opens the assistant's turn. */
	renderChat(messages: readonly Message[], addGenerationPrompt: boolean): string;
	/** Text of the end-of-sequence token: `<|im_end|>`. */
	eosToken: string;
	/** Id of the end-of-sequence token, at which generation stops. */
	eosTokenId: number;
	/**
	 * The text that each id adds; joined, the pieces equal `decode(ids)`. If several ids form one character,
	 * the last id has the character and the others are empty.
	 */
	pieces(ids: readonly number[]): string[];
}

const addedToken = v.union([v.string(), v.looseObject({ content: v.string() })]);

const configSchema = v.looseObject({
	chat_template: v.nullish(
		v.union([v.string(), v.array(v.looseObject({ name: v.string(), template: v.string() }))]),
	),
	bos_token: v.nullish(addedToken),
	eos_token: v.nullish(addedToken),
	pad_token: v.nullish(addedToken),
	unk_token: v.nullish(addedToken),
});

type Config = v.InferOutput<typeof configSchema>;

/**
 * @param tokenizerJson   parsed `tokenizer.json`
 * @param tokenizerConfig parsed `tokenizer_config.json`
 * @throws FormatError `tokenizer-invalid` if one of the two is malformed, `chat-template-missing`
 */
export function loadTokenizer(tokenizerJson: unknown, tokenizerConfig: unknown): TextTools {
	const config = readConfig(tokenizerConfig);
	const vendor = createVendor(tokenizerJson);
	const eosToken = textOf(config.eos_token);
	const eosTokenId = vendor.token_to_id(eosToken);
	if (eosTokenId === undefined) {
		throw invalid(`eos_token “${eosToken}” is not among the tokens`, 'tokenizer_config.json');
	}
	const tokenizer: Tokenizer = {
		encode: (text, options) =>
			vendor.encode(text, { add_special_tokens: options?.addSpecialTokens ?? false }).ids,
		// The library refuses an empty list.
		decode: (ids, options) =>
			ids.length === 0
				? ''
				: vendor.decode([...ids], { skip_special_tokens: options?.skipSpecialTokens ?? false }),
	};
	return {
		tokenizer,
		renderChat: chatRenderer(config),
		eosToken,
		eosTokenId,
		pieces: (ids) => piecesOf(tokenizer, ids),
	};
}

function readConfig(json: unknown): Config {
	const result = v.safeParse(configSchema, json);
	if (result.success) return result.output;
	const [issue] = result.issues;
	throw invalid(`${v.getDotPath(issue) ?? 'its content'}: ${issue.message}`, 'tokenizer_config.json');
}

function createVendor(json: unknown): HfTokenizer {
	const shape = v.looseObject({ model: v.looseObject({ type: v.optional(v.string()) }) });
	if (!v.is(shape, json)) throw invalid('the field model is missing', 'tokenizer.json');
	try {
		// Without this option the library removes spaces before punctuation, as BERT's tokenizer requires.
		return new HfTokenizer(json, { clean_up_tokenization_spaces: false });
	} catch (cause) {
		throw invalid(cause instanceof Error ? cause.message : String(cause), 'tokenizer.json', cause);
	}
}

function chatRenderer(config: Config): TextTools['renderChat'] {
	const source = templateOf(config);
	const tokens = {
		bos_token: textOf(config.bos_token),
		eos_token: textOf(config.eos_token),
		pad_token: textOf(config.pad_token),
		unk_token: textOf(config.unk_token),
	};
	let template: Template;
	try {
		template = new Template(source);
	} catch (cause) {
		throw invalid('chat_template cannot be parsed', 'tokenizer_config.json', cause);
	}
	return (messages, addGenerationPrompt) => {
		try {
			return template.render({
				...tokens,
				messages: messages.map(({ role, content }) => ({ role, content })),
				add_generation_prompt: addGenerationPrompt,
			});
		} catch (thrown) {
			throw templateFailed(thrown instanceof Error ? thrown.message : String(thrown), thrown);
		}
	};
}

function templateOf(config: Config): string {
	const given = config.chat_template;
	const template =
		typeof given === 'string' ? given : given?.find(({ name }) => name === 'default')?.template;
	if (template !== undefined) return template;
	throw chatTemplateMissing();
}

export function chatTemplateMissing(): FormatError {
	return new FormatError(
		'tokenizer_config.json has no chat template, so messages cannot be converted to text.',
		{
			code: 'chat-template-missing',
			hint: 'Take the instruction-tuned version of this model: base models have none.',
		},
	);
}

function piecesOf(tokenizer: Tokenizer, ids: readonly number[]): string[] {
	const pieces: string[] = [];
	let start = 0;
	for (let i = 0; i < ids.length; i++) {
		const text = tokenizer.decode(ids.slice(start, i + 1));
		// A replacement character at the end means that later ids complete the character.
		const complete = !text.endsWith('\uFFFD') || i === ids.length - 1;
		pieces.push(complete ? text : '');
		if (complete) start = i + 1;
	}
	return pieces;
}

function textOf(token: Config['eos_token']): string {
	return typeof token === 'string' ? token : (token?.content ?? '');
}

function invalid(what: string, file: string, cause?: unknown): FormatError {
	return new FormatError(`${file} cannot be used: ${what}.`, {
		code: 'tokenizer-invalid',
		hint: 'The model’s files are damaged or of another form; load the model again.',
		context: { file },
		...(cause === undefined ? {} : { cause }),
	});
}

function templateFailed(message: string, cause?: unknown): FormatError {
	return new FormatError(`The model’s chat template refused the messages: ${message}.`, {
		code: 'chat-template-failed',
		hint: 'Some models accept no system message, or require user and assistant in turn. Change the messages, or the model.',
		...(cause === undefined ? {} : { cause }),
	});
}
