/** The reference model of a run that begins from an adapter: merged numbers equal stacked ones, and the base comes back bit for bit. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stackAdapters } from '#core/adapter/stack.ts';
import { packBatch } from '#core/batch/pack.ts';
import type { Adapter } from '#core/adapter/adapter.ts';
import { memoryReport } from '#engine/memory.ts';
import { tensor1d } from '#engine/tensor.ts';
import { begunModel } from '#model/begunModel.ts';
import { createDecoder, type Decoder } from '#model/decoder.ts';
import { bindLora, deviceLora, paramsOf } from '#model/lora.ts';
import { StepRunner } from '#train/step.ts';
import { onEachBackend } from '#tests/support/backends.ts';
import { randomAdapter } from '#tests/support/randomAdapter.ts';
import { modelOf, randomPairs, randomTensors } from '../../bench/models/randomModel.ts';

const CONFIG = modelOf({
	hiddenSize: 32,
	intermediateSize: 48,
	layers: 2,
	heads: 2,
	kvHeads: 1,
	headDim: 16,
	vocabSize: 64,
});
const BATCH = packBatch(randomPairs(3, CONFIG.vocabSize, { prompt: [2, 6], completion: [1, 9] }));

async function logps(decoder: Decoder, adapter: Adapter | null): Promise<number[]> {
	const runner = new StepRunner(decoder);
	if (adapter === null) return [...(await runner.logps(BATCH, null))];
	const lora = deviceLora(decoder.config, adapter.config);
	const params = tensor1d(paramsOf(lora, adapter));
	const values = await runner.logps(BATCH, bindLora(lora, params));
	params.dispose();
	return [...values];
}

const largest = (a: readonly number[], b: readonly number[]): number =>
	Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? NaN))));

onEachBackend('the reference model of a run that begins from an adapter', () => {
	let model: Decoder;
	beforeAll(() => {
		model = createDecoder(CONFIG, randomTensors(CONFIG));
	});
	afterAll(() => model.dispose());

	test('base + parent, merged, with a new adapter, is the base with the stack of both', async () => {
		const parent = randomAdapter(CONFIG, 3, 1, 0.2);
		const own = randomAdapter(CONFIG, 2, 2, 0.2);
		const before = await logps(model, null);
		const tensors = memoryReport().liveBytes;
		const merged = begunModel(model, parent, 'Monday');
		const reference = await logps(merged.model, null);
		const policy = await logps(merged.model, own);
		expect(largest(reference, before)).toBeGreaterThan(0.1);
		expect(largest(reference, await logps(model, parent))).toBeLessThan(1e-4);
		expect(largest(policy, reference)).toBeGreaterThan(0.1);
		expect(largest(policy, await logps(model, stackAdapters(parent, own)))).toBeLessThan(1e-4);
		expect(merged.model.bytes).toBeGreaterThan(model.bytes);
		merged.dispose();
		expect(memoryReport().liveBytes).toBe(tensors);
		expect(await logps(model, null)).toEqual(before);
	});

	test('an adapter of another model is refused before anything is copied', () => {
		const other = randomAdapter({ ...CONFIG, intermediateSize: 64 }, 2, 2);
		const bytes = memoryReport().liveBytes;
		expect(() => begunModel(model, other, 'Monday, step 20')).toThrow(
			'Monday, step 20 belongs to another model',
		);
		expect(memoryReport().liveBytes).toBe(bytes);
	});
});
