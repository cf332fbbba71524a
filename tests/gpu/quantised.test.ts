/** The golden llama in MLC's 4 bits on WebGPU: the kernels dequantise, and no copy in f32 exists. */
import { expect, test } from 'vitest';
import { openDevice } from '#engine/device.ts';
import { modelFiles } from '#tests/golden/goldenModel.ts';
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
