import { ADDS_NOTHING, LLAMA32, LLAMA_8B, gated, llama, llamaLicense, mlc, pageOf } from './families.ts';
import type { PublishedModel } from './publishedModel.ts';

export const llama3_8b: PublishedModel = {
	...LLAMA32,
	released: '2024-04',
	languages: 'English',
	license: llamaLicense('3'),
	template: ADDS_NOTHING,
	id: 'llama-3-8b-instruct',
	title: 'Llama-3-8B-Instruct',
	page: pageOf('meta-llama/Meta-Llama-3-8B-Instruct'),
	millions: 8030,
	config: llama(LLAMA_8B, { ropeTheta: 500_000, tieWordEmbeddings: false, maxPositions: 8192 }),
	downloads: [mlc('Llama-3-8B-Instruct', 'q4f16_1'), gated('meta-llama/Meta-Llama-3-8B-Instruct')],
};
