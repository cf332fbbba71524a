/** Models in 4 and 8 bits on tfjs's wasm backend; tests/gpu/quantised.test.ts runs some on WebGPU. */
import { afterAll, beforeAll } from 'vitest';
import { openDevice, type Device } from '#engine/device.ts';
import { golden, goldenTest } from '#tests/support/goldens.ts';
import { modelFiles } from './goldenModel.ts';
import { compareWithTransformers, QUANTISED_FILE, QUANTISED_MODELS } from './quantisedGolden.ts';
import { compareQuantised } from './quantisedModel.ts';

let device: Device;
beforeAll(async () => {
	device = await openDevice({ backend: 'wasm' });
});
afterAll(() => device.close());

goldenTest('llama in q4f16_1 equals the f64 decoder', modelFiles('model-llama'), async () => {
	await compareQuantised(golden, 'model-llama', 'f16');
});

goldenTest('qwen2 in q4f32_1 equals the f64 decoder', modelFiles('model-qwen2'), async () => {
	await compareQuantised(golden, 'model-qwen2', 'f32');
});

for (const name of QUANTISED_MODELS)
	goldenTest(`${name} equals transformers`, [QUANTISED_FILE], () => compareWithTransformers(golden, name));
