import { ADDS_NOTHING, APACHE_2, llama, mlc, open, pageOf } from './families.ts';
import type { PublishedModel } from './publishedModel.ts';

export const tinyllama_1b: PublishedModel = {
	maker: 'StatNLP, Singapore',
	released: '2023-12',
	languages: 'English',
	license: APACHE_2,
	storesTiedHead: false,
	systemMessage: null,
	template: ADDS_NOTHING,
	reasons: false,
	id: 'tinyllama-1.1b-chat',
	title: 'TinyLlama-1.1B-Chat',
	page: pageOf('TinyLlama/TinyLlama-1.1B-Chat-v1.0'),
	millions: 1100,
	config: llama(
		{
			hiddenSize: 2048,
			intermediateSize: 5632,
			layers: 22,
			heads: 32,
			kvHeads: 4,
			headDim: 64,
			vocabSize: 32_000,
		},
		{ ropeTheta: 10_000, tieWordEmbeddings: false, maxPositions: 2048 },
	),
	downloads: [open('TinyLlama/TinyLlama-1.1B-Chat-v1.0'), mlc('TinyLlama-1.1B-Chat-v1.0', 'q4f16_1')],
};
