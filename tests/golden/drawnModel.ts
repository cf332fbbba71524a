/**
 * Small models in 4 and 8 bits whose blocks come from a hash of their position, as data/quantised/write.py draws them: in
 * MLC's form, and as a GGUF file.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import { projectionShapes } from '#core/adapter/projections.ts';
import type { Checkpoint } from '#core/checkpoint/checkpoint.ts';
import { openGguf } from '#core/checkpoint/gguf/open.ts';
import { withoutInterleaving } from '#core/checkpoint/interleave.ts';
import { numbersOf } from '#core/checkpoint/pieces.ts';
import { blocksOfGguf, type GgufBlockType } from '#core/format/blocks.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { TARGET_MODULES } from '#core/recipe/recipe.ts';
import { fuseWeights, type StoredTensor } from '#model/fuse.ts';
import { joinQuantised } from '#tests/support/modelTensors.ts';
import type { WeightTensor } from '#runtime/models/tensors.ts';
import { bytesOf, memorySource, writeGguf, type GgufField } from '#tests/support/checkpointFiles.ts';
import { ggufName, TINY_METADATA } from '#tests/support/tinyCheckpoints.ts';

/** Hashes of the positions, 32 bits each. */
function drawn(seed: number, count: number): Uint32Array<ArrayBuffer> {
	return Uint32Array.from({ length: count }, (_, i) => {
		let x = i + (seed << 20);
		x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
		x = Math.imul(x ^ (x >>> 15), 0xd35a2d97);
		return x ^ (x >>> 15);
	});
}

type Shapes = readonly (readonly [name: string, shape: readonly number[]])[];

/** By Hugging Face's names; a tensor's place in their order is its seed. */
function shapesOf(config: ModelConfig): Shapes {
	const { hiddenSize: C, intermediateSize: F, heads, kvHeads, headDim: D, vocabSize: V } = config;
	const layer = (n: number): Shapes => {
		const at = (name: string, ...shape: number[]) => [`model.layers.${n}.${name}`, shape] as const;
		const projection = (part: string, rows: number): Shapes => [
			at(`self_attn.${part}_proj.weight`, rows, C),
			...(config.attentionBias ? [at(`self_attn.${part}_proj.bias`, rows)] : []),
		];
		const norms = [at('self_attn.q_norm.weight', D), at('self_attn.k_norm.weight', D)];
		return [
			at('input_layernorm.weight', C),
			...projection('q', heads * D),
			...projection('k', kvHeads * D),
			...projection('v', kvHeads * D),
			...(config.qkNorm ? norms : []),
			at('self_attn.o_proj.weight', C, heads * D),
			at('post_attention_layernorm.weight', C),
			at('mlp.gate_proj.weight', F, C),
			at('mlp.up_proj.weight', F, C),
			at('mlp.down_proj.weight', C, F),
		];
	};
	return [
		['model.embed_tokens.weight', [V, C]],
		...Array.from({ length: config.layers }, (_, n) => layer(n)).flat(),
		['model.norm.weight', [C]],
		...(config.tieWordEmbeddings ? [] : [['lm_head.weight', [V, C]] as const]),
	];
}

function vector(name: string, seed: number, length: number): Float32Array<ArrayBuffer> {
	const start = name.endsWith('bias') ? 0 : 1;
	return Float32Array.from(drawn(seed, length), (word) => start + ((word & 255) - 128) / 1024);
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** The tensors of a published folder in q4f16_1, whose projections are fused. */
export function drawnMlc(config: ModelConfig): Map<string, WeightTensor> {
	const whole = new Map<string, StoredTensor>();
	const parts: Record<'q_weight' | 'q_scale', Map<string, StoredTensor>> = {
		q_weight: new Map(),
		q_scale: new Map(),
	};
	for (const [seed, [name, shape]] of shapesOf(config).entries()) {
		const [rows = 0, columns] = shape;
		if (columns === undefined) {
			whole.set(name, { shape, data: vector(name, seed, rows) });
			continue;
		}
		const nibbles = drawn(seed, rows * columns).map((word) => word % 15);
		const words = new Uint32Array(nibbles.length / 8);
		nibbles.forEach((n, i) => (words[i >> 3] = (words[i >> 3] ?? 0) | (n << (4 * (i % 8)))));
		const scales = drawn(seed + 500, nibbles.length / 32);
		const halves = Uint16Array.from(scales, (word) => 0x2000 | (word & 0x3ff));
		parts.q_weight.set(name, { shape: [rows, columns / 8], data: words });
		parts.q_scale.set(name, { shape: [rows, columns / 32], data: halves });
	}
	const records = new Map<string, WeightTensor>();
	for (const [name, tensor] of fuseWeights(whole)) records.set(`model.${name}`, tensor as WeightTensor);
	for (const [kind, tensors] of Object.entries(parts))
		for (const [name, tensor] of fuseWeights(tensors))
			records.set(`model.${name.replace(/\.weight$/, `.${kind}`)}`, tensor as WeightTensor);
	return joinQuantised(records, { quantization: 'q4f16_1' });
}

/** ggml's number of the type, numbers and bytes of a block, and the exponents of the halves in it by their offset. */
const BLOCKS = {
	Q4_0: { type: 2, numbers: 32, bytes: 18, halves: [[0, 0x2000]] },
	Q8_0: { type: 8, numbers: 32, bytes: 34, halves: [[0, 0x1000]] },
	Q4_K: {
		...{ type: 12, numbers: 256, bytes: 144 },
		halves: [
			[0, 0x0c00],
			[2, 0x1800],
		],
	},
} as const;
export type DrawnBlocks = keyof typeof BLOCKS;

function blocks(kind: DrawnBlocks, seed: number, size: number): Uint8Array<ArrayBuffer> {
	const { numbers, bytes: length, halves } = BLOCKS[kind];
	const words = drawn(seed, (size / numbers) * length);
	const bytes = Uint8Array.from(words, (word) => word & 255);
	const view = new DataView(bytes.buffer);
	for (let block = 0; block < bytes.length; block += length)
		for (const [offset, exponent] of halves) {
			const word = words[block + offset] ?? 0;
			view.setUint16(block + offset, exponent | ((word >>> 8) & 0x3ff), true);
		}
	return bytes;
}

function metadata(config: ModelConfig): Record<string, GgufField> {
	const { architecture } = config;
	const own = (name: string): string => `${architecture}.${name}`;
	const tokens = Array.from({ length: config.vocabSize }, (_, id) => `t${id}`);
	return {
		...Object.fromEntries(Object.entries(TINY_METADATA).filter(([key]) => !key.startsWith('llama.'))),
		'general.architecture': { text: architecture },
		[own('block_count')]: { u32: config.layers },
		[own('context_length')]: { u32: config.maxPositions },
		[own('embedding_length')]: { u32: config.hiddenSize },
		[own('feed_forward_length')]: { u32: config.intermediateSize },
		[own('attention.head_count')]: { u32: config.heads },
		[own('attention.head_count_kv')]: { u32: config.kvHeads },
		[own('attention.key_length')]: { u32: config.headDim },
		[own('attention.value_length')]: { u32: config.headDim },
		[own('attention.layer_norm_rms_epsilon')]: { f32: config.rmsNormEps },
		[own('rope.freq_base')]: { f32: config.ropeTheta },
		'tokenizer.ggml.tokens': { texts: tokens },
		'tokenizer.ggml.token_type': { ints: tokens.map(() => 1) },
		'tokenizer.ggml.merges': { texts: [] },
	};
}

/** The GGUF file, opened. */
export function drawnGguf(config: ModelConfig, kind: DrawnBlocks): Promise<Checkpoint> {
	const tensors = shapesOf(config).map(([name, shape], seed) => ({
		name: ggufName(name),
		shape,
		type: shape.length === 1 ? 0 : BLOCKS[kind].type,
		bytes:
			shape.length === 1 ? bytesOf(vector(name, seed, sizeOf(shape))) : blocks(kind, seed, sizeOf(shape)),
	}));
	return openGguf([memorySource(writeGguf(metadata(config), tensors))]);
}

/** The numbers of a checkpoint in f32. */
export async function numbersIn(checkpoint: Checkpoint): Promise<Map<string, StoredTensor>> {
	const out = new Map<string, StoredTensor>();
	for (const [name, tensor] of checkpoint.tensors) {
		const data = new Float32Array(sizeOf(tensor.shape));
		for await (const piece of numbersOf(tensor)) data.set(piece.data, piece.at);
		out.set(name, { shape: tensor.shape, data });
	}
	return out;
}

/** The matrices as the device's blocks, the other tensors in f32. */
export async function blocksIn(
	checkpoint: Checkpoint,
	kind: GgufBlockType,
): Promise<Map<string, StoredTensor>> {
	const out = await numbersIn(checkpoint);
	for (const [name, { shape, type, source, start, interleavedHead }] of checkpoint.tensors) {
		if (type.name !== kind) continue;
		const end = start + (sizeOf(shape) / type.blockSize) * type.blockBytes;
		const { format, data } = blocksOfGguf(kind, await source.read(start, end));
		const words = data.length / (shape[0] ?? 1);
		const rows = interleavedHead === undefined ? data : withoutInterleaving(data, interleavedHead, words);
		out.set(name, { shape, data: rows, format });
	}
	return out;
}

export function drawnAdapter(config: ModelConfig, { rank, alpha }: { rank: number; alpha: number }): Adapter {
	const values = (seed: number, count: number): Float32Array =>
		Float32Array.from(drawn(seed, count), (word) => (word / 2 ** 32 - 0.5) * 0.4);
	const matrices = Array.from({ length: config.layers }, (_, layer) =>
		projectionShapes(config).flatMap(({ inFeatures, parts }) =>
			parts.map(({ module, rowStart, rowEnd }) => {
				const seed = 1000 + 14 * layer + 2 * TARGET_MODULES.indexOf(module);
				const outFeatures = rowEnd - rowStart;
				const loraA = values(seed, rank * inFeatures);
				return { layer, module, inFeatures, outFeatures, loraA, loraB: values(seed + 1, outFeatures * rank) };
			}),
		),
	).flat();
	return { id: 'drawn', step: 0, config: { rank, alpha, targetModules: TARGET_MODULES }, matrices };
}
