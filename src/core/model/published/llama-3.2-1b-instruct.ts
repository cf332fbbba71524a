import { LLAMA32, gated, llama, llama3Scaling, mlc, pageOf } from './families.ts';
import type { PublishedModel } from './publishedModel.ts';

export const llama32_1b: PublishedModel = {
	...LLAMA32,
	id: 'llama-3.2-1b-instruct',
	title: 'Llama-3.2-1B-Instruct',
	page: pageOf('meta-llama/Llama-3.2-1B-Instruct'),
	millions: 1236,
	config: llama(
		{
			hiddenSize: 2048,
			intermediateSize: 8192,
			layers: 16,
			heads: 32,
			kvHeads: 8,
			headDim: 64,
			vocabSize: 128_256,
		},
		{ ropeTheta: 500_000, ropeScaling: llama3Scaling(32), maxPositions: 131_072 },
	),
	downloads: [
		mlc('Llama-3.2-1B-Instruct', 'q0f16'),
		mlc('Llama-3.2-1B-Instruct', 'q4f16_1'),
		gated('meta-llama/Llama-3.2-1B-Instruct'),
	],
};
