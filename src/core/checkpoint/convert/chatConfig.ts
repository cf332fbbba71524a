/** `mlc-chat-config.json`: sizes, conversation template and special tokens, for WebLLM and the trainer. */
import { FormatError } from '../../errors.ts';
import type { Fields } from '../../format/record.ts';
import type { ModelConfig } from '../../model/model.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { chatWords, conversationTemplate, wordsToUser, type RenderChat } from './conversation.ts';
import { stopTokenIds, tokenIds } from './specialTokenIds.ts';
import { QUANTIZATIONS, type Storage } from './storage.ts';
import { addedTokens, hasByteFallback, prependsSpace } from './tokenizerJson.ts';

export interface ChatLimits {
	/** Most tokens of a chat in WebLLM. */
	contextWindow: number;
	/** Tokens that WebLLM feeds at once, as the library was compiled. */
	prefillChunk: number;
}

/**
 * @throws FormatError `chat-template-…`, `tokenizer-no-end` if no token ends an answer
 */
export function chatConfig(
	checkpoint: Checkpoint,
	storage: Storage,
	renderChat: RenderChat,
	limits: ChatLimits,
): object {
	const { config, tokenizerJson } = checkpoint;
	const words = chatWords(renderChat);
	const special = [...addedTokens(tokenizerJson).keys()];
	const stops = stopTokenIds(checkpoint, words?.toUser ?? wordsToUser(renderChat) ?? '');
	const [end] = stops;
	if (end === undefined) throw noEnd();
	const ids = tokenIds(checkpoint);
	const common = {
		context_window_size: Math.min(limits.contextWindow, config.maxPositions),
		prefill_chunk_size: limits.prefillChunk,
		tensor_parallel_shards: 1,
	};
	return {
		version: '0.1.0',
		model_type: config.architecture,
		quantization: QUANTIZATIONS[storage],
		model_config: { ...modelFields(config), ...common, max_batch_size: 1 },
		vocab_size: config.vocabSize,
		...common,
		sliding_window_size: -1,
		attention_sink_size: -1,
		temperature: 1,
		top_p: 1,
		presence_penalty: 0,
		frequency_penalty: 0,
		repetition_penalty: 1,
		tokenizer_files: ['tokenizer.json', 'tokenizer_config.json'],
		tokenizer_info: {
			token_postproc_method: hasByteFallback(tokenizerJson) ? 'byte_fallback' : 'byte_level',
			prepend_space_in_encode: prependsSpace(tokenizerJson),
			strip_space_in_decode: prependsSpace(tokenizerJson),
		},
		conv_template: {
			// Without the words only the compute engine answers, because it renders the chat template itself.
			...(words === null ? {} : conversationTemplate(words, special, prependsSpace(tokenizerJson))),
			stop_token_ids: stops,
		},
		pad_token_id: ids.pad ?? end,
		bos_token_id: ids.bos,
		eos_token_id: end,
	};
}

/** The fields that the reader of configurations (core/model/config.ts) and WebLLM's libraries know. */
function modelFields(config: ModelConfig): Fields {
	const { ropeScaling } = config;
	return {
		hidden_size: config.hiddenSize,
		intermediate_size: config.intermediateSize,
		num_hidden_layers: config.layers,
		num_attention_heads: config.heads,
		num_key_value_heads: config.kvHeads,
		head_dim: config.headDim,
		vocab_size: config.vocabSize,
		rms_norm_eps: config.rmsNormEps,
		rope_theta: config.ropeTheta,
		position_embedding_base: config.ropeTheta,
		rope_scaling: ropeScaling && {
			rope_type: 'llama3',
			factor: ropeScaling.factor,
			low_freq_factor: ropeScaling.lowFreqFactor,
			high_freq_factor: ropeScaling.highFreqFactor,
			original_max_position_embeddings: ropeScaling.originalMaxPositions,
		},
		tie_word_embeddings: config.tieWordEmbeddings,
		attention_bias: config.attentionBias,
	};
}

function noEnd(): FormatError {
	return new FormatError('The tokenizer has no token that ends an answer (eos_token).', {
		code: 'tokenizer-no-end',
		hint: 'Take the instruction-tuned version of this model, with its own tokenizer files.',
	});
}
