/**
 * `tokenizer.json` of a SentencePiece BPE tokenizer (`tokenizer.ggml.model` is `llama`: Llama 2, TinyLlama), as
 * transformers convert one: spaces are ▁, and unknown characters are bytes.
 */
import { ggufInvalid } from './fault.ts';
import type { GgufTokenizer } from './byteLevelBpe.ts';
import { mergesFromScores } from './mergesFromScores.ts';
import type { Metadata } from './metadata.ts';
import { readSpecialTokens, templateProcessing } from './specialTokens.ts';
import { addedToken, readVocabulary, type AddedToken, type Vocabulary } from './vocabulary.ts';

const SPACE = '▁';
const DEFAULTS = { bos: 1, eos: 2, unk: 0, addsBos: true };

/** @throws FormatError `gguf-metadata`, `gguf-invalid` */
export function sentencePieceBpe(metadata: Metadata): GgufTokenizer {
	const vocabulary = readVocabulary(metadata);
	const special = readSpecialTokens(metadata, vocabulary.tokens, DEFAULTS);
	const hasPrefix = metadata.flag('tokenizer.ggml.add_space_prefix', true);
	const replace = (from: string, to: string): object => ({
		type: 'Replace',
		pattern: { String: from },
		content: to,
	});
	const json = {
		version: '1.0',
		truncation: null,
		padding: null,
		added_tokens: addedTokens(vocabulary, special.unk),
		normalizer: {
			type: 'Sequence',
			normalizers: [...(hasPrefix ? [{ type: 'Prepend', prepend: SPACE }] : []), replace(' ', SPACE)],
		},
		pre_tokenizer: null,
		post_processor: templateProcessing(special),
		decoder: {
			type: 'Sequence',
			decoders: [
				replace(SPACE, ' '),
				{ type: 'ByteFallback' },
				{ type: 'Fuse' },
				...(hasPrefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
			],
		},
		model: {
			type: 'BPE',
			dropout: null,
			unk_token: special.unk?.content ?? null,
			continuing_subword_prefix: null,
			end_of_word_suffix: null,
			fuse_unk: true,
			byte_fallback: true,
			ignore_merges: false,
			vocab: Object.fromEntries(vocabulary.ids),
			merges: mergesOf(metadata, vocabulary),
		},
	};
	return { json, special, tokenizerClass: 'LlamaTokenizer' };
}

function mergesOf(metadata: Metadata, { ids, tokens, isNormal }: Vocabulary): string[] {
	const scores = metadata.numbers('tokenizer.ggml.scores');
	if (scores.length !== tokens.length) {
		throw ggufInvalid(metadata.source, `has ${scores.length} scores for ${tokens.length} tokens.`);
	}
	return mergesFromScores(ids, (id) => (isNormal(id) ? (scores[id] ?? null) : null));
}

/** Control tokens, and the unknown token, which transformers add too. */
function addedTokens({ added }: Vocabulary, unk: { id: number; content: string } | null): AddedToken[] {
	const all = added.some(({ id }) => id === unk?.id) || unk === null ? added : [unkToken(unk), ...added];
	return all.toSorted((a, b) => a.id - b.id);
}

const unkToken = ({ id, content }: { id: number; content: string }): AddedToken =>
	addedToken(id, content, true);
