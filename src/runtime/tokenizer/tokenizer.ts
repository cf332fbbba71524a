/**
 * A model's tokenizer and chat template, read from `tokenizer.json` and `tokenizer_config.json`. The ids equal
 * those of Hugging Face's Rust library (tests/golden/tokenizerTexts.test.ts) and of WebLLM
 * (tests/gpu/webllm.test.ts), so both engines see the same text.
 */
import { Tokenizer as HfTokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import type { Tokenizer } from '#core/ports.ts';
import { chatRenderer, type RenderChat } from './chatTemplate.ts';
import { chatTemplateOf, readTokenizerConfig, specialTokensOf, TOKENIZER_CONFIG_FILE } from './config.ts';
import { createDecode } from './decoder.ts';
import { reasonOf, tokenizerInvalid } from './faults.ts';
import { piecesOf } from './pieces.ts';
import { vendorForm } from './vendorForm.ts';

/** Converts messages to ids and ids to text. Has the form of the core's `TextTools`. */
export interface TextTools {
	tokenizer: Tokenizer;
	/** Renders messages with the model's chat template; `addGenerationPrompt` opens the assistant's turn. */
	renderChat: RenderChat;
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

const TOKENIZER_FILE = 'tokenizer.json';

/**
 * @param tokenizerJson   parsed `tokenizer.json`
 * @param tokenizerConfig parsed `tokenizer_config.json`
 * @throws FormatError `tokenizer-invalid` if one of the two is malformed, `chat-template-missing`
 */
export function loadTokenizer(tokenizerJson: unknown, tokenizerConfig: unknown): TextTools {
	const config = readTokenizerConfig(tokenizerConfig);
	const { tokenizer, idOf, pieces } = createTokenizer(tokenizerJson);
	const eosToken = specialTokensOf(config)['eos_token'] ?? '';
	const eosTokenId = idOf(eosToken);
	if (eosTokenId === undefined) {
		throw tokenizerInvalid(`eos_token “${eosToken}” is not among the tokens`, TOKENIZER_CONFIG_FILE);
	}
	return { tokenizer, renderChat: chatRendererOf(config), eosToken, eosTokenId, pieces };
}

/**
 * The chat template alone.
 *
 * @param tokenizerConfig parsed `tokenizer_config.json`
 * @throws FormatError `tokenizer-invalid`, `chat-template-missing`
 */
export function chatRendererOf(tokenizerConfig: unknown): RenderChat {
	const config = readTokenizerConfig(tokenizerConfig);
	return chatRenderer(chatTemplateOf(config), {
		tokens: specialTokensOf(config),
		file: TOKENIZER_CONFIG_FILE,
	});
}

interface ReadTokenizer {
	tokenizer: Tokenizer;
	idOf: (token: string) => number | undefined;
	pieces: TextTools['pieces'];
}

/**
 * The tokenizer alone: text to ids and back.
 *
 * @throws FormatError `tokenizer-invalid`
 */
export function createTokenizer(json: unknown): ReadTokenizer {
	const { vendor, decode, special } = readTokenizer(json);
	/** Ids outside the vocabulary, which a padded embedding has, add no text. */
	const tokenOf = (id: number): string | null => vendor.id_to_token(id) ?? null;
	const tokensOf = (ids: readonly number[]): string[] => ids.map(tokenOf).filter((token) => token !== null);
	const tokenizer: Tokenizer = {
		encode: (text, options) =>
			vendor.encode(text, { add_special_tokens: options?.addSpecialTokens ?? false }).ids,
		decode: (ids, options) => {
			const tokens = tokensOf(ids);
			const skips = options?.skipSpecialTokens ?? false;
			return decode(skips ? tokens.filter((token) => !special.has(token)) : tokens);
		},
	};
	return {
		tokenizer,
		idOf: (token) => vendor.token_to_id(token),
		pieces: (ids) => {
			const known = piecesOf(tokensOf(ids), decode);
			let next = 0;
			return ids.map((id) => (tokenOf(id) === null ? '' : (known[next++] ?? '')));
		},
	};
}

const jsonSchema = v.looseObject({
	model: v.looseObject({ type: v.optional(v.string()) }),
	added_tokens: v.nullish(v.array(v.looseObject({ content: v.string(), special: v.nullish(v.boolean()) }))),
});

function readTokenizer(json: unknown): {
	vendor: HfTokenizer;
	decode: ReturnType<typeof createDecode>;
	special: ReadonlySet<string>;
} {
	const result = v.safeParse(jsonSchema, json);
	if (!result.success) {
		const path = v.getDotPath(result.issues[0]) ?? 'model';
		throw tokenizerInvalid(`the field ${path} is missing or of another form`, TOKENIZER_FILE);
	}
	const added = result.output.added_tokens ?? [];
	try {
		return {
			vendor: new HfTokenizer(vendorForm(result.output), {}),
			decode: createDecode(result.output['decoder']),
			special: new Set(added.filter(({ special }) => special === true).map(({ content }) => content)),
		};
	} catch (cause) {
		throw tokenizerInvalid(reasonOf(cause), TOKENIZER_FILE, cause);
	}
}
