import type { SecondModelEntry } from './secondModel.ts';

export const qwen3_1_7b: SecondModelEntry = {
	id: 'Qwen3-1.7B',
	title: 'Qwen3 1.7B',
	parameters: 1_720_574_976,
	license: { name: 'apache-2.0', address: 'https://huggingface.co/Qwen/Qwen3-1.7B/blob/main/LICENSE' },
	licenseNote: '',
	goodFor: 'For many languages. Its long reasoning is switched off, so that it answers at once.',
	weightBytes: 968_001_536,
	forms: {
		q4f16_1: { library: 'Qwen3-1.7B-q4f16_1_cs1k-webgpu.wasm', memoryBytes: 2_036_660_000 },
		q4f32_1: { library: 'Qwen3-1.7B-q4f32_1_cs1k-webgpu.wasm', memoryBytes: 2_635_440_000 },
	},
	thinks: true,
};
