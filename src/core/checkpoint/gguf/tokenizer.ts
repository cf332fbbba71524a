/** `tokenizer.json` and `tokenizer_config.json` as transformers write them, from a GGUF file's metadata. */
import type { Fields } from '../../format/record.ts';
import { byteLevelBpe, type GgufTokenizer } from './byteLevelBpe.ts';
import { ggufUnsupported } from './fault.ts';
import type { Metadata } from './metadata.ts';
import { sentencePieceBpe } from './sentencePieceBpe.ts';

const MODELS: ReadonlyMap<string, (metadata: Metadata) => GgufTokenizer> = new Map([
	['gpt2', byteLevelBpe],
	['llama', sentencePieceBpe],
]);

export interface TokenizerFiles {
	tokenizerJson: Fields;
	tokenizerConfig: Fields;
}

/** @throws FormatError `gguf-metadata`, `gguf-invalid`, `gguf-unsupported` naming the tokenizer or its split */
export function tokenizerOfGguf(metadata: Metadata, maxLength: number): TokenizerFiles {
	const name = metadata.text('tokenizer.ggml.model');
	const build = MODELS.get(name);
	if (build === undefined) {
		throw ggufUnsupported(
			metadata.source,
			`its tokenizer is of the kind “${name.slice(0, 40)}”, which is not known here.`,
			`Known are ${[...MODELS.keys()].join(' and ')}. Take the model as safetensors, which have the tokenizer’s own file.`,
		);
	}
	const { json, special, tokenizerClass } = build(metadata);
	const template = chatTemplate(metadata);
	return {
		tokenizerJson: json,
		tokenizerConfig: {
			tokenizer_class: tokenizerClass,
			add_bos_token: special.addsBos,
			add_eos_token: special.addsEos,
			clean_up_tokenization_spaces: false,
			model_max_length: maxLength,
			bos_token: special.bos?.content ?? null,
			eos_token: special.eos?.content ?? null,
			pad_token: special.pad?.content ?? null,
			unk_token: special.unk?.content ?? null,
			...(template === null ? {} : { chat_template: template }),
		},
	};
}

/** Null for base models, which have none. */
function chatTemplate(metadata: Metadata): string | null {
	const key = 'tokenizer.chat_template';
	return metadata.has(key) ? metadata.text(key) : null;
}
