import { LLAMA32, LLAMA_8B, gated, llama, llama3Scaling, llamaLicense, mlc, pageOf } from './families.ts';
import type { PublishedModel } from './publishedModel.ts';

export const llama31_8b: PublishedModel = {
	...LLAMA32,
	released: '2024-07',
	license: llamaLicense('3.1'),
	id: 'llama-3.1-8b-instruct',
	title: 'Llama-3.1-8B-Instruct',
	page: pageOf('meta-llama/Llama-3.1-8B-Instruct'),
	millions: 8030,
	config: llama(LLAMA_8B, {
		ropeTheta: 500_000,
		ropeScaling: llama3Scaling(8),
		tieWordEmbeddings: false,
		maxPositions: 131_072,
	}),
	downloads: [mlc('Llama-3.1-8B-Instruct', 'q4f16_1'), gated('meta-llama/Llama-3.1-8B-Instruct')],
};
