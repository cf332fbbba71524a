/** Models in 4 and 8 bits on WebGPU: the kernels dequantise, and no copy in f32 exists. */
import { expect, test } from 'vitest';
import { openDevice } from '#engine/device.ts';
import { modelFiles } from '#tests/golden/goldenModel.ts';
import { compareWithTransformers, QUANTISED_FILE, QUANTISED_MODELS } from '#tests/golden/quantisedGolden.ts';
import { compareQuantised } from '#tests/golden/quantisedModel.ts';
import { fetchGoldens } from './fetchGoldens.ts';

test('a model in q4f16_1 equals the f64 decoder on its dequantised weights', async () => {
	const device = await openDevice({ backend: 'webgpu' });
	const read = await fetchGoldens(modelFiles('model-llama'));
	const { bytes, parameters } = await compareQuantised(read, 'model-llama', 'f16');
	// 5 bits per number, and norms in f32.
	expect(bytes / parameters).toBeLessThan(0.65);
	expect(device.fault()?.message).toBeUndefined();
});

// Q4_K is decoded to f32 before the device sees it: tests/golden has it.
test.each(QUANTISED_MODELS.filter((name) => !name.endsWith('Q4_K')))(
	'%s equals transformers',
	async (name) => {
		const device = await openDevice({ backend: 'webgpu' });
		await compareWithTransformers(await fetchGoldens([QUANTISED_FILE]), name);
		expect(device.fault()?.message).toBeUndefined();
	},
);
