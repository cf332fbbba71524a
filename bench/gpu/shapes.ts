/** Published models by their shapes, with random weights: what a step costs does not depend on what a model knows. */
import { loraLayout, toAdapter } from '#core/adapter/layout.ts';
import { rng } from '#core/math/rng.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { TARGET_MODULES } from '#core/recipe/recipe.ts';
import { modelOf, randomPairs, randomTensors } from '../randomModel.ts';
import type { Workload } from '../workload.ts';

/** As the models' own config.json has them. */
const SHAPES = {
	'SmolLM2-135M': modelOf({
		hiddenSize: 576,
		intermediateSize: 1536,
		layers: 30,
		heads: 9,
		kvHeads: 3,
		headDim: 64,
		vocabSize: 49_152,
	}),
	'Qwen2.5-0.5B': modelOf(
		{
			hiddenSize: 896,
			intermediateSize: 4864,
			layers: 24,
			heads: 14,
			kvHeads: 2,
			headDim: 64,
			vocabSize: 151_936,
		},
		{ architecture: 'qwen2', attentionBias: true, rmsNormEps: 1e-6, ropeTheta: 1_000_000 },
	),
} satisfies Record<string, ModelConfig>;
export type ShapeName = keyof typeof SHAPES;
export const SHAPE_NAMES = Object.keys(SHAPES) as ShapeName[];

/** 8 pairs of 26 + 52 tokens a side are 1,024 packed rows: 26 + 51 + 51 each, as the last token of a side is only a target. */
const PAIRS = { count: 8, lengths: { prompt: [26, 26], completion: [52, 52] } } as const;
const LORA = { rank: 8, alpha: 16, targetModules: TARGET_MODULES };
/** For trying the code where no GPU is: one layer, a small vocabulary, one short pair. */
const TINY = {
	layers: 1,
	vocabSize: 1024,
	pairs: { count: 1, lengths: { prompt: [6, 6], completion: [6, 6] } },
} as const;

/** @param tiny only to try the code */
export function shapeWorkload(name: ShapeName, tiny: boolean): Workload {
	const whole: ModelConfig = SHAPES[name];
	const config = tiny ? { ...whole, layers: TINY.layers, vocabSize: TINY.vocabSize } : whole;
	const layout = loraLayout(config, LORA);
	const { count, lengths } = tiny ? TINY.pairs : PAIRS;
	const random = rng(1);
	const flat = Float32Array.from({ length: layout.size }, () => 0.02 * random.normal());
	return {
		config,
		tensors: randomTensors(config),
		adapter: toAdapter(flat, layout, { id: 'bench', step: 1, config: LORA }),
		batches: [randomPairs(count, config.vocabSize, lengths)],
		beta: 0.1,
		optimiser: { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0, maxGradNorm: 1 },
		learningRate: () => 1e-4,
	};
}
