import type { SecondModelEntry } from './secondModel.ts';

export const llama32_3b: SecondModelEntry = {
	id: 'Llama-3.2-3B-Instruct',
	title: 'Llama 3.2 3B Instruct',
	parameters: 3_212_749_824,
	license: {
		name: 'llama3.2',
		address: 'https://huggingface.co/meta-llama/Llama-3.2-3B-Instruct/blob/main/LICENSE.txt',
	},
	licenseNote:
		'Its licence asks that a published model trained with its replies has a name that starts with Llama.',
	goodFor: 'For English and seven other European and Asian languages.',
	weightBytes: 1_807_423_488,
	forms: {
		q4f16_1: { library: 'Llama-3.2-3B-Instruct-q4f16_1_cs1k-webgpu.wasm', memoryBytes: 2_263_690_000 },
		q4f32_1: { library: 'Llama-3.2-3B-Instruct-q4f32_1_cs1k-webgpu.wasm', memoryBytes: 2_951_510_000 },
	},
};
