import { LLAMA32, gated, llama, llama3Scaling, mlc, pageOf } from './families.ts';
import type { PublishedModel } from './publishedModel.ts';

export const llama32_3b: PublishedModel = {
	...LLAMA32,
	id: 'llama-3.2-3b-instruct',
	title: 'Llama-3.2-3B-Instruct',
	page: pageOf('meta-llama/Llama-3.2-3B-Instruct'),
	millions: 3213,
	config: llama(
		{
			hiddenSize: 3072,
			intermediateSize: 8192,
			layers: 28,
			heads: 24,
			kvHeads: 8,
			headDim: 128,
			vocabSize: 128_256,
		},
		{ ropeTheta: 500_000, ropeScaling: llama3Scaling(32), maxPositions: 131_072 },
	),
	downloads: [mlc('Llama-3.2-3B-Instruct', 'q4f16_1'), gated('meta-llama/Llama-3.2-3B-Instruct')],
};
