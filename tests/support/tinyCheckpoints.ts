/** A model of one layer and a vocabulary of a few tokens, as GGUF and as safetensors. */
import type { HuggingFaceFiles } from '#core/checkpoint/safetensors/open.ts';
import { roundToBrainFloat, roundToHalf, widenBrainFloat } from '#core/format/float16.ts';
import { rng } from '#core/math/rng.ts';
import {
	bytesOf,
	memorySource,
	writeGguf,
	writeTypedSafetensors,
	type GgufField,
	type GgufTensorFile,
} from './checkpointFiles.ts';

export const TINY = { hidden: 32, ffn: 64, heads: 4, kvHeads: 2, headDim: 8, vocab: 8, layers: 1 } as const;

const TOKENS = ['<|end|>', '<|user|>', 'a', 'b', 'Ġ', 'ab', 'Ġab', '<unused>'];
const MERGES = ['a b', 'Ġ ab'];

export const CHAT_TEMPLATE =
	"{% for m in messages %}{{ '<|user|>' if m['role'] == 'user' else '' }}{{ m['content'] }}{{ '<|end|>' }}{% endfor %}";

/** Shapes by Hugging Face's names. */
export function tinyShapes(tied = true): Record<string, readonly number[]> {
	const { hidden, ffn, heads, kvHeads, headDim, vocab } = TINY;
	const layer = (name: string): string => `model.layers.0.${name}.weight`;
	return {
		'model.embed_tokens.weight': [vocab, hidden],
		[layer('input_layernorm')]: [hidden],
		[layer('self_attn.q_proj')]: [heads * headDim, hidden],
		[layer('self_attn.k_proj')]: [kvHeads * headDim, hidden],
		[layer('self_attn.v_proj')]: [kvHeads * headDim, hidden],
		[layer('self_attn.o_proj')]: [hidden, heads * headDim],
		[layer('post_attention_layernorm')]: [hidden],
		[layer('mlp.gate_proj')]: [ffn, hidden],
		[layer('mlp.up_proj')]: [ffn, hidden],
		[layer('mlp.down_proj')]: [hidden, ffn],
		'model.norm.weight': [hidden],
		...(tied ? {} : { 'lm_head.weight': [vocab, hidden] }),
	};
}

export type Numbers = Record<string, { shape: readonly number[]; data: Float32Array<ArrayBuffer> }>;

/** Random numbers that are bf16 exactly. */
export function tinyNumbers(shapes = tinyShapes()): Numbers {
	const random = rng(3);
	return Object.fromEntries(
		Object.entries(shapes).map(([name, shape]) => {
			const size = shape.reduce((product, length) => product * length, 1);
			const data = Float32Array.from({ length: size }, () => random.normal());
			return [name, { shape, data: widenBrainFloat(roundToBrainFloat(data)) }];
		}),
	);
}

export const TINY_CONFIG = {
	model_type: 'llama',
	hidden_size: TINY.hidden,
	intermediate_size: TINY.ffn,
	num_hidden_layers: TINY.layers,
	num_attention_heads: TINY.heads,
	num_key_value_heads: TINY.kvHeads,
	vocab_size: TINY.vocab,
	max_position_embeddings: 128,
	rms_norm_eps: 1e-5,
	rope_theta: 10000,
	tie_word_embeddings: true,
	eos_token_id: 0,
};

const ADDED = [0, 1].map((id) => ({ id, content: TOKENS[id], special: true }));

export const TINY_TOKENIZER = {
	added_tokens: ADDED,
	normalizer: null,
	pre_tokenizer: {
		type: 'Sequence',
		pretokenizers: [
			{ type: 'Digits', individual_digits: true },
			{ type: 'ByteLevel', add_prefix_space: false, use_regex: true },
		],
	},
	post_processor: null,
	decoder: { type: 'ByteLevel' },
	model: { type: 'BPE', vocab: Object.fromEntries(TOKENS.map((token, id) => [token, id])), merges: MERGES },
};

export type Dtype = 'F32' | 'F16' | 'BF16';

function encoded(data: Float32Array, dtype: Dtype): Uint8Array<ArrayBuffer> {
	if (dtype === 'F32') return bytesOf(data);
	return bytesOf(dtype === 'F16' ? roundToHalf(data) : roundToBrainFloat(data));
}

export function safetensorsOf(numbers: Numbers, dtype: Dtype): Uint8Array<ArrayBuffer> {
	return writeTypedSafetensors(
		Object.entries(numbers).map(([name, { shape, data }]) => ({
			name,
			dtype,
			shape,
			bytes: encoded(data, dtype),
		})),
	);
}

export function tinyHuggingFace(numbers = tinyNumbers(), dtype: Dtype = 'BF16'): HuggingFaceFiles {
	return {
		config: TINY_CONFIG,
		tokenizer: TINY_TOKENIZER,
		tokenizerConfig: { eos_token: '<|end|>', chat_template: CHAT_TEMPLATE },
		weights: [memorySource(safetensorsOf(numbers, dtype), 'model.safetensors')],
	};
}

export const TINY_METADATA: Readonly<Record<string, GgufField>> = {
	'general.architecture': { text: 'llama' },
	'llama.block_count': { u32: TINY.layers },
	'llama.context_length': { u32: 128 },
	'llama.embedding_length': { u32: TINY.hidden },
	'llama.feed_forward_length': { u32: TINY.ffn },
	'llama.attention.head_count': { u32: TINY.heads },
	'llama.attention.head_count_kv': { u32: TINY.kvHeads },
	'llama.attention.layer_norm_rms_epsilon': { f32: 1e-5 },
	'llama.rope.dimension_count': { u32: TINY.headDim },
	'tokenizer.ggml.model': { text: 'gpt2' },
	'tokenizer.ggml.pre': { text: 'smollm' },
	'tokenizer.ggml.tokens': { texts: TOKENS },
	'tokenizer.ggml.token_type': { ints: [3, 3, 1, 1, 1, 1, 1, 5] },
	'tokenizer.ggml.merges': { texts: MERGES },
	'tokenizer.ggml.eos_token_id': { u32: 0 },
	'tokenizer.chat_template': { text: CHAT_TEMPLATE },
};

const GGUF_NAMES: readonly (readonly [huggingFace: string, gguf: string])[] = [
	['model.embed_tokens', 'token_embd'],
	['model.norm', 'output_norm'],
	['lm_head', 'output'],
	['model.layers.', 'blk.'],
	['input_layernorm', 'attn_norm'],
	['post_attention_layernorm', 'ffn_norm'],
	['self_attn.o_proj', 'attn_output'],
	['self_attn.q_norm', 'attn_q_norm'],
	['self_attn.k_norm', 'attn_k_norm'],
	['self_attn.q_proj', 'attn_q'],
	['self_attn.k_proj', 'attn_k'],
	['self_attn.v_proj', 'attn_v'],
	['mlp.gate_proj', 'ffn_gate'],
	['mlp.up_proj', 'ffn_up'],
	['mlp.down_proj', 'ffn_down'],
];

export const ggufName = (name: string): string =>
	GGUF_NAMES.reduce((text, [from, to]) => text.replace(from, to), name);

/** The tensors as llama.cpp's converter stores those of `llama` models: q and k with interleaved halves of heads. */
export function ggufTensors(numbers: Numbers, dtype: Dtype = 'F32', interleave = true): GgufTensorFile[] {
	return Object.entries(numbers).map(([name, { shape, data }]) => {
		const rows = interleave && /[qk]_proj/.test(name) ? interleaved(data, TINY.headDim) : data;
		return {
			name: ggufName(name),
			shape,
			type: { F32: 0, F16: 1, BF16: 30 }[dtype],
			bytes: encoded(rows, dtype),
		};
	});
}

/** `reshape(heads, 2, d / 2, columns).swapaxes(1, 2)`, as convert_hf_to_gguf.py permutes. */
function interleaved(data: Float32Array, headDim: number): Float32Array {
	const columns = TINY.hidden;
	const out = new Float32Array(data.length);
	const half = headDim / 2;
	for (let head = 0; head * headDim * columns < data.length; head++)
		for (let i = 0; i < half; i++)
			for (let side = 0; side < 2; side++) {
				const from = (head * headDim + side * half + i) * columns;
				const to = (head * headDim + 2 * i + side) * columns;
				out.set(data.subarray(from, from + columns), to);
			}
	return out;
}

export function tinyGguf(
	numbers = tinyNumbers(),
	metadata: Readonly<Record<string, GgufField>> = {},
): Uint8Array<ArrayBuffer> {
	return writeGguf({ ...TINY_METADATA, ...metadata }, ggufTensors(numbers));
}
