import { QWEN25, gguf, mlc, open, pageOf, qwen2 } from './families.ts';
import type { PublishedModel } from './publishedModel.ts';

export const qwen25_1b: PublishedModel = {
	...QWEN25,
	id: 'qwen2.5-1.5b-instruct',
	title: 'Qwen2.5-1.5B-Instruct',
	page: pageOf('Qwen/Qwen2.5-1.5B-Instruct'),
	millions: 1544,
	config: qwen2({
		hiddenSize: 1536,
		intermediateSize: 8960,
		layers: 28,
		heads: 12,
		kvHeads: 2,
		headDim: 128,
		vocabSize: 151_936,
	}),
	downloads: [
		open('Qwen/Qwen2.5-1.5B-Instruct'),
		gguf('Qwen/Qwen2.5-1.5B-Instruct-GGUF'),
		mlc('Qwen2.5-1.5B-Instruct', 'q4f16_1'),
	],
};
