/**
 * A checkpoint as transformers describe it, independent of the files that it was read from: configuration,
 * tokenizer, and tensors under Hugging Face's names. The numbers are read later, tensor by tensor.
 */
import type { Fields } from '../format/record.ts';
import type { ModelLicense } from '../model/license.ts';
import type { ModelConfig } from '../model/model.ts';
import type { ByteSource } from './bytes.ts';
import type { NumberType } from './numbers/numberType.ts';

export interface CheckpointTensor {
	/** `model.layers.0.self_attn.q_proj.weight` */
	name: string;
	shape: readonly number[];
	type: NumberType;
	source: ByteSource;
	/** First byte in the source. */
	start: number;
	/**
	 * Rows of one head, if the file interleaves the two halves of every head, as llama.cpp does with q and k of
	 * `llama` models. Readers undo it.
	 */
	interleavedHead?: number;
}

export interface Checkpoint {
	/** Parsed `config.json`, or its equivalent. */
	hfConfig: Fields;
	config: ModelConfig;
	tensors: ReadonlyMap<string, CheckpointTensor>;
	/** Parsed `tokenizer.json`. */
	tokenizerJson: Fields;
	/** Parsed `tokenizer_config.json`, with `chat_template`. */
	tokenizerConfig: Fields;
	/** Null if the files state none. */
	license: ModelLicense | null;
}
