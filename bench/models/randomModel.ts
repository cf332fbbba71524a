/**
 * Models of a given shape with random weights, and pairs to train them on: the cost of a step does not depend
 * on the values.
 */
import { at } from '#core/math/at.ts';
import { rng } from '#core/math/rng.ts';
import type { TokenizedPair } from '#core/batch/tokenize.ts';
import type { ModelConfig } from '#core/model/model.ts';
import type { HostTensor } from '#model/fuse.ts';

/** A prime, so that no row of a matrix repeats another. */
const TABLE_SIZE = 65_521;

type Shape = Pick<
	ModelConfig,
	'hiddenSize' | 'intermediateSize' | 'layers' | 'heads' | 'kvHeads' | 'headDim' | 'vocabSize'
>;

export function modelOf(shape: Shape, changes: Partial<ModelConfig> = {}): ModelConfig {
	return {
		architecture: 'llama',
		rmsNormEps: 1e-5,
		ropeTheta: 10_000,
		ropeScaling: null,
		tieWordEmbeddings: true,
		attentionBias: false,
		qkNorm: false,
		maxPositions: 8192,
		...shape,
		...changes,
	};
}

/** The configuration of the model that ships with the project, without its trained weights. */
export const EMBEDDED = modelOf(
	{ hiddenSize: 128, intermediateSize: 384, layers: 4, heads: 4, kvHeads: 2, headDim: 32, vocabSize: 1024 },
	{ maxPositions: 512 },
);

/** Weights under WebLLM's fused names, scaled so that activations stay near 1. */
export function randomTensors(config: ModelConfig, seed = 1): Map<string, HostTensor> {
	const { hiddenSize: C, intermediateSize: F, heads, kvHeads, headDim, vocabSize: V } = config;
	const random = rng(seed);
	const table = Float32Array.from({ length: TABLE_SIZE }, () => random.normal());
	const tensors = new Map<string, HostTensor>();
	const put = (name: string, shape: readonly number[], value: (normal: number) => number): void => {
		const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
		const values = table.map(value);
		// Repeats the table, starting at a random offset.
		for (let to = -random.int(TABLE_SIZE); to < data.length; to += TABLE_SIZE) {
			data.set(
				values.subarray(Math.max(0, -to), Math.max(0, Math.min(TABLE_SIZE, data.length - to))),
				Math.max(0, to),
			);
		}
		tensors.set(name, { shape, data });
	};
	const matrix = (name: string, rows: number, columns: number): void =>
		put(name, [rows, columns], (normal) => normal / Math.sqrt(columns));
	const norm = (name: string, size: number): void => put(name, [size], (normal) => 1 + 0.1 * normal);
	const W = (heads + 2 * kvHeads) * headDim;
	put('embed_tokens.weight', [V, C], (normal) => 0.5 * normal);
	if (!config.tieWordEmbeddings) matrix('lm_head.weight', V, C);
	norm('norm.weight', C);
	for (let layer = 0; layer < config.layers; layer++) {
		const name = (part: string): string => `layers.${layer}.${part}`;
		norm(name('input_layernorm.weight'), C);
		norm(name('post_attention_layernorm.weight'), C);
		matrix(name('self_attn.qkv_proj.weight'), W, C);
		if (config.attentionBias) put(name('self_attn.qkv_proj.bias'), [W], (normal) => 0.1 * normal);
		if (config.qkNorm) {
			norm(name('self_attn.q_norm.weight'), headDim);
			norm(name('self_attn.k_norm.weight'), headDim);
		}
		matrix(name('self_attn.o_proj.weight'), C, heads * headDim);
		matrix(name('mlp.gate_up_proj.weight'), 2 * F, C);
		matrix(name('mlp.down_proj.weight'), C, F);
	}
	return tensors;
}

/** Inclusive ranges of lengths in tokens. */
export interface PairLengths {
	prompt: readonly [least: number, most: number];
	completion: readonly [least: number, most: number];
}

/** Lengths of the world's prompts and answers. */
export const WORLD_LENGTHS: PairLengths = { prompt: [16, 40], completion: [4, 24] };

/** A rejected side is its chosen side with one token in four replaced. */
export function randomPairs(
	count: number,
	vocabSize: number,
	{ prompt, completion }: PairLengths,
	seed = 1,
): TokenizedPair[] {
	const random = rng(seed);
	const length = ([least, most]: readonly [number, number]): number => least + random.int(most - least + 1);
	const tokens = (n: number): number[] => Array.from({ length: n }, () => random.int(vocabSize));
	return Array.from({ length: count }, (_, i) => {
		const chosenIds = tokens(length(completion));
		return {
			id: `pair-${i}`,
			promptIds: tokens(length(prompt)),
			chosenIds,
			rejectedIds: chosenIds.map((id) => (random.next() < 0.25 ? random.int(vocabSize) : id)),
			truncated: false,
		};
	});
}

/** One pair that fills `rows` packed rows, half of them prompt. */
export function pairOfRows(rows: number, vocabSize: number): TokenizedPair {
	const prompt = Math.floor(rows / 2);
	const completion = Math.floor((rows - prompt) / 2) + 1;
	return at(randomPairs(1, vocabSize, { prompt: [prompt, prompt], completion: [completion, completion] }), 0);
}
