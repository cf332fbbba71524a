/**
 * `mlc-chat-config.json` as a compiled library needs it: the limits that it was compiled with, and chats in the words of the model's
 * chat template, which the compute engine renders. Folders that MLC published have words of their own.
 */
import { chatWords, conversationTemplate } from '#core/checkpoint/convert/conversation.ts';
import { addedTokens, prependsSpace } from '#core/checkpoint/convert/tokenizerJson.ts';
import { isRecord, type Fields } from '#core/format/record.ts';
import type { CompiledLibrary } from '#core/model/compiledLibrary.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { loadTokenizer } from '../../tokenizer/tokenizer.ts';
import { TOKENIZER } from '../manifest.ts';

export interface ChatFiles {
	/** Parsed `mlc-chat-config.json`, `tokenizer.json` and `tokenizer_config.json`. */
	chatConfig: unknown;
	tokenizerJson: unknown;
	tokenizerConfig: unknown;
}

/**
 * Null if WebLLM cannot build the chats of the template.
 *
 * @throws FormatError of tokenizer and template
 */
export function viewedChat(
	{ chatConfig, tokenizerJson, tokenizerConfig }: ChatFiles,
	{ maxPositions }: ModelConfig,
	{ contextWindow, prefillChunk }: Pick<CompiledLibrary, 'contextWindow' | 'prefillChunk'>,
): Fields | null {
	const tools = loadTokenizer(tokenizerJson, tokenizerConfig);
	const words = chatWords((messages, opensAnswer) => tools.renderChat(messages, opensAnswer));
	if (words === null) return null;
	const outer = recordOf(chatConfig);
	const json = recordOf(tokenizerJson);
	const template = conversationTemplate(words, [...addedTokens(json).keys()], prependsSpace(json));
	return {
		...outer,
		conv_template: {
			...template,
			stop_token_ids: recordOf(outer['conv_template'])['stop_token_ids'] ?? [],
		},
		context_window_size: Math.min(maxPositions, contextWindow),
		prefill_chunk_size: prefillChunk,
		sliding_window_size: -1,
		attention_sink_size: -1,
		tokenizer_files: [TOKENIZER],
	};
}

function recordOf(json: unknown): Fields {
	return isRecord(json) ? json : {};
}
