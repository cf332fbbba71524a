import { SMOLLM2, llama, mlc, open, pageOf } from './families.ts';
import type { PublishedModel } from './publishedModel.ts';

export const smollm2_1b: PublishedModel = {
	...SMOLLM2,
	id: 'smollm2-1.7b-instruct',
	title: 'SmolLM2-1.7B-Instruct',
	page: pageOf('HuggingFaceTB/SmolLM2-1.7B-Instruct'),
	millions: 1711,
	config: llama(
		{
			hiddenSize: 2048,
			intermediateSize: 8192,
			layers: 24,
			heads: 32,
			kvHeads: 32,
			headDim: 64,
			vocabSize: 49_152,
		},
		{ ropeTheta: 130_000, maxPositions: 8192 },
	),
	downloads: [open('HuggingFaceTB/SmolLM2-1.7B-Instruct'), mlc('SmolLM2-1.7B-Instruct', 'q4f16_1')],
};
