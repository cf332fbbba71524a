import { SMOLLM2, llama, mlc, open, pageOf } from './families.ts';
import type { PublishedModel } from './publishedModel.ts';

export const smollm2_135m: PublishedModel = {
	...SMOLLM2,
	id: 'smollm2-135m-instruct',
	title: 'SmolLM2-135M-Instruct',
	page: pageOf('HuggingFaceTB/SmolLM2-135M-Instruct'),
	millions: 135,
	// See the objective in recipe/suggested.ts.
	recipe: { learningRate: 4e-4, prompts: 448, answerTokens: 128, steps: 130, heldOut: 84 },
	config: llama(
		{
			hiddenSize: 576,
			intermediateSize: 1536,
			layers: 30,
			heads: 9,
			kvHeads: 3,
			headDim: 64,
			vocabSize: 49_152,
		},
		{ ropeTheta: 100_000, maxPositions: 8192 },
	),
	downloads: [open('HuggingFaceTB/SmolLM2-135M-Instruct'), mlc('SmolLM2-135M-Instruct', 'q0f16')],
};
