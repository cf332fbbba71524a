import { QWEN25, gguf, mlc, open, pageOf, qwen2 } from './families.ts';
import type { PublishedModel } from './publishedModel.ts';

export const qwen25_0b: PublishedModel = {
	...QWEN25,
	id: 'qwen2.5-0.5b-instruct',
	title: 'Qwen2.5-0.5B-Instruct',
	page: pageOf('Qwen/Qwen2.5-0.5B-Instruct'),
	millions: 494,
	config: qwen2({
		hiddenSize: 896,
		intermediateSize: 4864,
		layers: 24,
		heads: 14,
		kvHeads: 2,
		headDim: 64,
		vocabSize: 151_936,
	}),
	downloads: [
		open('Qwen/Qwen2.5-0.5B-Instruct'),
		gguf('Qwen/Qwen2.5-0.5B-Instruct-GGUF'),
		mlc('Qwen2.5-0.5B-Instruct', 'q4f16_1'),
	],
};
