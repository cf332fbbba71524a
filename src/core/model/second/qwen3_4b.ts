import type { SecondModelEntry } from './secondModel.ts';

export const qwen3_4b: SecondModelEntry = {
	id: 'Qwen3-4B',
	title: 'Qwen3 4B',
	parameters: 4_022_468_096,
	license: { name: 'apache-2.0', address: 'https://huggingface.co/Qwen/Qwen3-4B/blob/main/LICENSE' },
	licenseNote: '',
	goodFor:
		'The largest of these, for a graphics processor with about 6 GB. Its long reasoning is switched off.',
	weightBytes: 2_262_920_192,
	forms: {
		q4f16_1: { library: 'Qwen3-4B-q4f16_1_cs1k-webgpu.wasm', memoryBytes: 3_431_590_000 },
		q4f32_1: { library: 'Qwen3-4B-q4f32_1_cs1k-webgpu.wasm', memoryBytes: 4_327_710_000 },
	},
	thinks: true,
};
