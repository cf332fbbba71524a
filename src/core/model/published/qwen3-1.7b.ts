import { QWEN3, gguf, mlc, open, pageOf, qwen3 } from './families.ts';
import type { PublishedModel } from './publishedModel.ts';

export const qwen3_1b: PublishedModel = {
	...QWEN3,
	id: 'qwen3-1.7b',
	title: 'Qwen3-1.7B',
	page: pageOf('Qwen/Qwen3-1.7B'),
	millions: 1721,
	config: qwen3({
		hiddenSize: 2048,
		intermediateSize: 6144,
		layers: 28,
		heads: 16,
		kvHeads: 8,
		headDim: 128,
		vocabSize: 151_936,
	}),
	downloads: [open('Qwen/Qwen3-1.7B'), gguf('Qwen/Qwen3-1.7B-GGUF'), mlc('Qwen3-1.7B', 'q4f16_1')],
};
