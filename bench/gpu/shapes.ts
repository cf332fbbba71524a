/**
 * Published models by their shapes, with random weights: the cost of a step does not depend on the values of
 * the weights.
 */
import { loraLayout, toAdapter } from '#core/adapter/layout.ts';
import { rng } from '#core/math/rng.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { TARGET_MODULES } from '#core/recipe/recipe.ts';
import { PUBLISHED, type PublishedName } from '../workloads/published.ts';
import { randomPairs, randomTensors } from '../models/randomModel.ts';
import type { Workload } from '../workloads/workload.ts';

/** 8 pairs of 26 + 52 tokens a side are 1,024 packed rows: 26 + 51 + 51 each, as the last token of a side is only a target. */
const PAIRS = { count: 8, lengths: { prompt: [26, 26], completion: [52, 52] } } as const;
const LORA = { rank: 8, alpha: 16, targetModules: TARGET_MODULES };
/** For testing the code without a GPU: one layer, a small vocabulary, one short pair. */
const TINY = {
	layers: 1,
	vocabSize: 1024,
	pairs: { count: 1, lengths: { prompt: [6, 6], completion: [6, 6] } },
} as const;

/** @param tiny only for testing the code */
export function shapeWorkload(name: PublishedName, tiny: boolean): Workload {
	const whole: ModelConfig = PUBLISHED[name];
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
