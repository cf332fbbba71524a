/** The seeded step of problem.ts as a workload. */
import type { Adapter, LoraMatrices } from '#core/adapter/adapter.ts';
import type { TokenizedPair } from '#core/batch/tokenize.ts';
import type { ModelConfig } from '#core/model/model.ts';
import type { HostTensor } from '#model/fuse.ts';
import { makeProblem, OPTIMISER, PROJECTIONS, SIZE, type Problem } from './problem.ts';
import { transposed, type Workload } from './workload.ts';

/** @param layers fewer than the problem's show the cost of one layer */
export function stepWorkload(layers: number = SIZE.layers): Workload {
	const full = makeProblem();
	const problem = { ...full, layers: full.layers.slice(0, layers) };
	const { beta, lr, beta1, beta2, eps, weightDecay } = OPTIMISER;
	return {
		config: configOf(layers),
		tensors: tensorsOf(problem),
		adapter: adapterOf(problem),
		batches: [pairsOf(problem)],
		beta,
		optimiser: { beta1, beta2, eps, weightDecay, maxGradNorm: 0 },
		learningRate: () => lr,
	};
}

function configOf(layers: number): ModelConfig {
	return {
		architecture: 'llama',
		hiddenSize: SIZE.hidden,
		intermediateSize: SIZE.ffn,
		layers,
		heads: SIZE.heads,
		kvHeads: SIZE.heads,
		headDim: SIZE.headDim,
		vocabSize: SIZE.vocab,
		rmsNormEps: SIZE.rmsNormEps,
		ropeTheta: SIZE.ropeTheta,
		ropeScaling: null,
		tieWordEmbeddings: true,
		attentionBias: false,
		qkNorm: false,
		maxPositions: SIZE.tokens,
	};
}

function tensorsOf({ embedding, layers }: Problem): Map<string, HostTensor> {
	const { hidden, vocab } = SIZE;
	const ones: HostTensor = { shape: [hidden], data: new Float32Array(hidden).fill(1) };
	const tensors = new Map<string, HostTensor>([
		['embed_tokens.weight', { shape: [vocab, hidden], data: embedding }],
		['norm.weight', ones],
	]);
	layers.forEach((layer, i) => {
		tensors.set(`layers.${i}.input_layernorm.weight`, ones);
		tensors.set(`layers.${i}.post_attention_layernorm.weight`, ones);
		for (const { name, inputs, outputs } of PROJECTIONS) {
			const part = ['gate', 'up', 'down'].includes(name) ? 'mlp' : 'self_attn';
			tensors.set(`layers.${i}.${part}.${name}_proj.weight`, {
				shape: [outputs, inputs],
				data: transposed(layer[name].weight, inputs, outputs),
			});
		}
	});
	return tensors;
}

function adapterOf({ layers }: Problem): Adapter {
	const targetModules = PROJECTIONS.map(({ name }) => `${name}_proj` as const);
	const matrices = layers.flatMap((layer, i) =>
		PROJECTIONS.map(({ name, inputs, outputs }): LoraMatrices => ({
			layer: i,
			module: `${name}_proj`,
			loraA: transposed(layer[name].a, inputs, SIZE.rank),
			loraB: transposed(layer[name].b, SIZE.rank, outputs),
			inFeatures: inputs,
			outFeatures: outputs,
		})),
	);
	const config = { rank: SIZE.rank, alpha: SIZE.rank * SIZE.scaling, targetModules };
	return { id: 'bench', step: 0, config, matrices };
}

function pairsOf({ ids }: Problem): TokenizedPair[] {
	const row = (i: number): number[] => [...ids.subarray(i * SIZE.tokens, (i + 1) * SIZE.tokens)];
	return Array.from({ length: SIZE.pairs }, (_, i) => ({
		id: `pair-${i}`,
		promptIds: row(i).slice(0, SIZE.promptTokens),
		chosenIds: row(i).slice(SIZE.promptTokens),
		rejectedIds: row(i + SIZE.pairs).slice(SIZE.promptTokens),
		truncated: false,
	}));
}
