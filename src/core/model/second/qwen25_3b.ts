import type { SecondModelEntry } from './secondModel.ts';

export const qwen25_3b: SecondModelEntry = {
	id: 'Qwen2.5-3B-Instruct',
	title: 'Qwen2.5 3B Instruct',
	parameters: 3_085_938_688,
	license: {
		name: 'qwen-research',
		address: 'https://huggingface.co/Qwen/Qwen2.5-3B-Instruct/blob/main/LICENSE',
	},
	licenseNote: 'Its licence is for research, not for commerce.',
	goodFor: 'Twice the size of the 1.5B model: it knows more, at about half the pace.',
	weightBytes: 1_736_187_904,
	forms: {
		q4f16_1: { library: 'Qwen2.5-3B-Instruct-q4f16_1_cs1k-webgpu.wasm', memoryBytes: 2_504_760_000 },
		q4f32_1: { library: 'Qwen2.5-3B-Instruct-q4f32_1_cs1k-webgpu.wasm', memoryBytes: 2_893_640_000 },
	},
};
