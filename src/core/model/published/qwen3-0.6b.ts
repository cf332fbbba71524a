import { QWEN3, gguf, mlc, open, pageOf, qwen3 } from './families.ts';
import type { PublishedModel } from './publishedModel.ts';

export const qwen3_0b: PublishedModel = {
	...QWEN3,
	id: 'qwen3-0.6b',
	title: 'Qwen3-0.6B',
	page: pageOf('Qwen/Qwen3-0.6B'),
	millions: 596,
	config: qwen3({
		hiddenSize: 1024,
		intermediateSize: 3072,
		layers: 28,
		heads: 16,
		kvHeads: 8,
		headDim: 128,
		vocabSize: 151_936,
	}),
	downloads: [open('Qwen/Qwen3-0.6B'), gguf('Qwen/Qwen3-0.6B-GGUF'), mlc('Qwen3-0.6B', 'q4f16_1')],
};
