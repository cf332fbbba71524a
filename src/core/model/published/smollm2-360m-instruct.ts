import { SMOLLM2, gguf, llama, mlc, open, pageOf } from './families.ts';
import type { PublishedModel } from './publishedModel.ts';

export const smollm2_360m: PublishedModel = {
	...SMOLLM2,
	id: 'smollm2-360m-instruct',
	title: 'SmolLM2-360M-Instruct',
	page: pageOf('HuggingFaceTB/SmolLM2-360M-Instruct'),
	millions: 362,
	config: llama(
		{
			hiddenSize: 960,
			intermediateSize: 2560,
			layers: 32,
			heads: 15,
			kvHeads: 5,
			headDim: 64,
			vocabSize: 49_152,
		},
		{ ropeTheta: 100_000, maxPositions: 8192 },
	),
	downloads: [
		open('HuggingFaceTB/SmolLM2-360M-Instruct'),
		gguf('HuggingFaceTB/SmolLM2-360M-Instruct-GGUF'),
		mlc('SmolLM2-360M-Instruct', 'q4f16_1'),
	],
};
