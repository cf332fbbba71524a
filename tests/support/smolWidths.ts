/** A random model of two layers with SmolLM2-135M's widths and size of vocabulary, as a GGUF file. */
import { roundToHalf } from '#core/format/float16.ts';
import { bytesOf, writeGguf, type GgufField } from './checkpointFiles.ts';
import { ggufName } from './tinyCheckpoints.ts';
import { normals } from './tensors.ts';

const WIDTHS = { hidden: 576, ffn: 1536, heads: 9, kvHeads: 3, headDim: 64, layers: 2 } as const;

const TEMPLATE =
	"{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/** GPT-2's letters for the bytes, in the order of the bytes. */
function byteLetters(): string[] {
	let more = 256;
	return Array.from({ length: 256 }, (_, byte) => {
		const own = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
		return String.fromCharCode(own ? byte : more++);
	});
}

function metadata(vocab: number): Record<string, GgufField> {
	const tokens = ['<|im_start|>', '<|im_end|>', ...byteLetters()];
	for (let id = tokens.length; id < vocab; id++) tokens.push(`w${id}`);
	const { hidden, ffn, heads, kvHeads, headDim, layers } = WIDTHS;
	return {
		'general.architecture': { text: 'llama' },
		'llama.block_count': { u32: layers },
		'llama.context_length': { u32: 2048 },
		'llama.embedding_length': { u32: hidden },
		'llama.feed_forward_length': { u32: ffn },
		'llama.attention.head_count': { u32: heads },
		'llama.attention.head_count_kv': { u32: kvHeads },
		'llama.attention.layer_norm_rms_epsilon': { f32: 1e-5 },
		'llama.rope.dimension_count': { u32: headDim },
		'llama.rope.freq_base': { f32: 100_000 },
		'tokenizer.ggml.model': { text: 'gpt2' },
		'tokenizer.ggml.pre': { text: 'smollm' },
		'tokenizer.ggml.tokens': { texts: tokens },
		'tokenizer.ggml.token_type': { ints: tokens.map((_, id) => (id < 2 ? 3 : 1)) },

		'tokenizer.ggml.merges': { texts: [] },
		'tokenizer.ggml.eos_token_id': { u32: 1 },
		'tokenizer.chat_template': { text: TEMPLATE },
	};
}

function shapes(vocab: number): Record<string, readonly number[]> {
	const { hidden, ffn, heads, kvHeads, headDim, layers } = WIDTHS;
	const all: Record<string, readonly number[]> = { 'model.embed_tokens.weight': [vocab, hidden] };
	for (let layer = 0; layer < layers; layer++) {
		const put = (name: string, ...shape: number[]): void => {
			all[`model.layers.${layer}.${name}.weight`] = shape;
		};
		put('input_layernorm', hidden);
		put('self_attn.q_proj', heads * headDim, hidden);
		put('self_attn.k_proj', kvHeads * headDim, hidden);
		put('self_attn.v_proj', kvHeads * headDim, hidden);
		put('self_attn.o_proj', hidden, heads * headDim);
		put('post_attention_layernorm', hidden);
		put('mlp.gate_proj', ffn, hidden);
		put('mlp.up_proj', ffn, hidden);
		put('mlp.down_proj', hidden, ffn);
	}
	all['model.norm.weight'] = [hidden];
	return all;
}

/** Numbers of a row repeat with a long period: drawing 30 million takes seconds. */
const PERIOD = 65_537;

export function smolWidthsGguf(vocab = 49_152): Uint8Array<ArrayBuffer> {
	const drawn = normals(PERIOD, 11, 0.04);
	let start = 0;
	const tensors = Object.entries(shapes(vocab)).map(([name, shape]) => {
		const size = shape.reduce((product, length) => product * length, 1);
		const isNorm = shape.length === 1;
		const data = Float32Array.from({ length: size }, (_, i) =>
			isNorm ? 1 : (drawn[(start + i) % PERIOD] ?? 0),
		);
		start += 7919;
		return {
			name: ggufName(name),
			shape,
			type: isNorm ? 0 : 1,
			bytes: bytesOf(isNorm ? data : roundToHalf(data)),
		};
	});
	return writeGguf(metadata(vocab), tensors);
}
