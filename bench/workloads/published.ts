/** Shapes of published models, from their own config.json. */
import type { ModelConfig } from '#core/model/model.ts';
import { modelOf } from '../models/randomModel.ts';

export const PUBLISHED = {
	'SmolLM2-135M': modelOf({
		...{ hiddenSize: 576, intermediateSize: 1536, layers: 30, vocabSize: 49_152 },
		...{ heads: 9, kvHeads: 3, headDim: 64 },
	}),
	'Qwen2.5-0.5B': modelOf(
		{
			...{ hiddenSize: 896, intermediateSize: 4864, layers: 24, vocabSize: 151_936 },
			...{ heads: 14, kvHeads: 2, headDim: 64 },
		},
		{ architecture: 'qwen2', attentionBias: true, rmsNormEps: 1e-6, ropeTheta: 1e6 },
	),
	'Qwen3-0.6B': modelOf(
		{
			...{ hiddenSize: 1024, intermediateSize: 3072, layers: 28, vocabSize: 151_936 },
			...{ heads: 16, kvHeads: 8, headDim: 128 },
		},
		{ architecture: 'qwen3', qkNorm: true, rmsNormEps: 1e-6, ropeTheta: 1e6 },
	),
	'Llama-3.2-1B': modelOf(
		{
			...{ hiddenSize: 2048, intermediateSize: 8192, layers: 16, vocabSize: 128_256 },
			...{ heads: 32, kvHeads: 8, headDim: 64 },
		},
		{ ropeTheta: 5e5 },
	),
} satisfies Record<string, ModelConfig>;
export type PublishedName = keyof typeof PUBLISHED;
export const PUBLISHED_NAMES = Object.keys(PUBLISHED) as PublishedName[];
