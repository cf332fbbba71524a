/** `tokenizer.json` of a byte-level BPE tokenizer (`tokenizer.ggml.model` is `gpt2`). */
import type { Fields } from '../../format/record.ts';
import type { Metadata } from './metadata.ts';
import { preTokenizerOf } from './preTokenizers.ts';
import { readSpecialTokens, templateProcessing, type SpecialTokens } from './specialTokens.ts';
import { readVocabulary } from './vocabulary.ts';

export interface GgufTokenizer {
	json: Fields;
	special: SpecialTokens;
	/** transformers' class of the tokenizer. */
	tokenizerClass: string;
}

const BYTE_LEVEL = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };

/** @throws FormatError `gguf-metadata`, `gguf-invalid`, `gguf-unsupported` */
export function byteLevelBpe(metadata: Metadata): GgufTokenizer {
	const split = preTokenizerOf(metadata.text('tokenizer.ggml.pre', 'default'), metadata.source);
	const { ids, tokens, added } = readVocabulary(metadata);
	const special = readSpecialTokens(metadata, tokens, {
		bos: null,
		eos: null,
		unk: null,
		addsBos: split.addsBos,
	});
	const json = {
		version: '1.0',
		truncation: null,
		padding: null,
		added_tokens: added,
		normalizer: split.normalizer,
		pre_tokenizer: { type: 'Sequence', pretokenizers: split.steps },
		post_processor: templateProcessing(special),
		decoder: { ...BYTE_LEVEL, add_prefix_space: true },
		model: {
			type: 'BPE',
			dropout: null,
			unk_token: null,
			continuing_subword_prefix: null,
			end_of_word_suffix: null,
			fuse_unk: false,
			byte_fallback: false,
			ignore_merges: split.ignoreMerges,
			vocab: Object.fromEntries(ids),
			// As texts "a b", which every version of the libraries reads.
			merges: metadata.texts('tokenizer.ggml.merges'),
		},
	};
	return { json, special, tokenizerClass: split.tokenizerClass };
}
