/** `config.json` as transformers write it, from a GGUF file's metadata. */
import type { Fields } from '../../format/record.ts';
import { ggufUnsupported } from './fault.ts';
import type { Metadata } from './metadata.ts';
import { ropeScaling } from './ropeScaling.ts';

/** llama.cpp's names of the family are transformers' `model_type`. */
export const ARCHITECTURES = ['llama', 'qwen2', 'qwen3'] as const;
export type GgufArchitecture = (typeof ARCHITECTURES)[number];

const CLASSES: Readonly<Record<GgufArchitecture, string>> = {
	llama: 'LlamaForCausalLM',
	qwen2: 'Qwen2ForCausalLM',
	qwen3: 'Qwen3ForCausalLM',
};

/** Facts of the file's tensors that `config.json` states. */
export interface TensorFacts {
	/** Rows of the embedding. */
	vocabSize: number;
	/** True if the file has no head of its own. */
	tied: boolean;
	/** True if q, k and v have biases. */
	hasBiases: boolean;
	/** `rope_freqs.weight`; null if the file has none. */
	ropeFactors: Float32Array | null;
}

/** @throws FormatError `gguf-unsupported` naming another architecture */
export function architectureOf(metadata: Metadata): GgufArchitecture {
	const name = metadata.text('general.architecture');
	const architecture = ARCHITECTURES.find((candidate) => candidate === name);
	if (architecture !== undefined) return architecture;
	throw ggufUnsupported(
		metadata.source,
		`is a model of the architecture ${name.slice(0, 40)}, which this workbench cannot compute.`,
		`Models that work here: ${ARCHITECTURES.join(', ')}.`,
	);
}

/** @throws FormatError `gguf-metadata` naming a missing field, `gguf-unsupported` */
export function configOfGguf(metadata: Metadata, architecture: GgufArchitecture, facts: TensorFacts): Fields {
	const key = (name: string): string => `${architecture}.${name}`;
	const hiddenSize = metadata.number(key('embedding_length'));
	const heads = metadata.numberOfAllLayers(key('attention.head_count'));
	const headDim = metadata.number(key('attention.key_length'), hiddenSize / heads);
	const theta = shortest(metadata.number(key('rope.freq_base'), 10_000));
	expectUsualHeads(metadata, architecture, headDim);
	expectOneFeedForward(metadata, architecture);
	return {
		architectures: [CLASSES[architecture]],
		model_type: architecture,
		hidden_act: 'silu',
		hidden_size: hiddenSize,
		intermediate_size: metadata.numberOfAllLayers(key('feed_forward_length')),
		num_hidden_layers: metadata.number(key('block_count')),
		num_attention_heads: heads,
		num_key_value_heads: metadata.numberOfAllLayers(key('attention.head_count_kv'), heads),
		head_dim: headDim,
		vocab_size: facts.vocabSize,
		max_position_embeddings: metadata.number(key('context_length')),
		rms_norm_eps: shortest(metadata.number(key('attention.layer_norm_rms_epsilon'))),
		rope_theta: theta,
		rope_scaling: ropeScaling(metadata, architecture, facts.ropeFactors, { theta, headDim }),
		attention_bias: facts.hasBiases,
		mlp_bias: false,
		tie_word_embeddings: facts.tied,
		bos_token_id: metadata.id('tokenizer.ggml.bos_token_id'),
		eos_token_id: metadata.id('tokenizer.ggml.eos_token_id'),
		pad_token_id: metadata.id('tokenizer.ggml.padding_token_id'),
	};
}

/** Refuses heads whose values differ in size from their keys, and rotations of a part of the head. */
function expectUsualHeads(metadata: Metadata, architecture: string, headDim: number): void {
	for (const name of ['attention.value_length', 'rope.dimension_count']) {
		const size = metadata.number(`${architecture}.${name}`, headDim);
		if (size === headDim) continue;
		throw ggufUnsupported(
			metadata.source,
			`${architecture}.${name} is ${size}, which should equal the head size ${headDim}.`,
			'Take another model of the Llama family.',
		);
	}
}

function expectOneFeedForward(metadata: Metadata, architecture: string): void {
	const experts = metadata.number(`${architecture}.expert_count`, 0);
	if (experts === 0) return;
	throw ggufUnsupported(
		metadata.source,
		`is a mixture of ${experts} experts, which this workbench cannot compute.`,
		'Take a dense model.',
	);
}

/** The shortest decimal number with the same f32: llama.cpp stores 1e-5 as an f32, 9.999999747378752e-6. */
function shortest(value: number): number {
	const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9].find(
		(precision) => Math.fround(Number(value.toPrecision(precision))) === Math.fround(value),
	);
	return digits === undefined ? value : Number(value.toPrecision(digits));
}
