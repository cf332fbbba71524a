import type { SecondModelEntry } from './secondModel.ts';

export const qwen25_1_5b: SecondModelEntry = {
	id: 'Qwen2.5-1.5B-Instruct',
	title: 'Qwen2.5 1.5B Instruct',
	parameters: 1_543_714_304,
	license: {
		name: 'apache-2.0',
		address: 'https://huggingface.co/Qwen/Qwen2.5-1.5B-Instruct/blob/main/LICENSE',
	},
	licenseNote: '',
	goodFor: 'The smallest download and the fastest of these: for short answers.',
	weightBytes: 868_547_584,
	forms: {
		q4f16_1: { library: 'Qwen2-1.5B-Instruct-q4f16_1_cs1k-webgpu.wasm', memoryBytes: 1_629_750_000 },
		q4f32_1: { library: 'Qwen2-1.5B-Instruct-q4f32_1_cs1k-webgpu.wasm', memoryBytes: 1_888_970_000 },
	},
};
