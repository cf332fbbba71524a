/**
 * Embedding and head in several bindings, because one cannot hold them: with a low limit a small vocabulary is
 * split too. The last part is no multiple of 4 rows.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NumberFormat } from '#core/format/numberFormat.ts';
import { openDevice, type Device } from '#engine/device.ts';
import { embeddingReference } from '#engine/kernels/embedding/embedding.reference.ts';
import { embedding } from '#engine/kernels/embedding/embedding.ts';
import {
	targetLogpsGradReference,
	targetLogpsReference,
} from '#engine/kernels/targetLogps/targetLogps.reference.ts';
import { targetLogps, targetLogpsGrad } from '#engine/kernels/targetLogps/targetLogps.ts';
import { disposeTable, storedTable, tableBytes, tableParts, tableShape } from '#engine/table.ts';
import { weightShape } from '#engine/weight.ts';
import { createDecoder } from '#model/decoder.ts';
import { generateBatch } from '#model/generate.ts';
import { logitsOf } from '#tests/golden/modelNumbers.ts';
import { expectAllclose, largest } from '#tests/support/allclose.ts';
import { f32, f32Vector, i32, take } from '#tests/support/backends.ts';
import { referenceGreedy, referenceLogits } from '#tests/support/decoderReference.ts';
import { roundedTo, storedAs } from '#tests/support/quantise.ts';
import { integers, normals } from '#tests/support/tensors.ts';
import { modelOf, randomTensors } from '../../bench/models/randomModel.ts';

const [V, C, N, T] = [263, 96, 33, 30];

/** Log-probabilities, their gradient and the embedding of a table in parts of 96, 96 and 71 rows. */
async function compareTable(format: NumberFormat, rowBytes: number): Promise<void> {
	const floats = Float32Array.from(normals(V * C, 1, 0.1));
	const table = storedTable(storedAs(format, floats), V, C, 100 * rowBytes);
	expect(tableParts(table).map(({ weight, first }) => [first, weightShape(weight)[0]])).toEqual([
		[0, 96],
		[96, 96],
		[192, 71],
	]);
	expect(tableShape(table)).toEqual([V, C]);
	expect(tableBytes(table)).toBe(264 * rowBytes);
	const head = roundedTo(format, floats);
	const ids = integers(T, V, 2);
	expectAllclose(await take(embedding(table, i32(ids))), embeddingReference(head, ids, C), {
		atol: 0,
		rtol: 0,
	});
	const [rows, targets] = [integers(N, T, 3), integers(N, V, 4)];
	targets[3] = -1;
	const h = normals(T * C, 5);
	const inputs = { h, head, rows, targets, C };
	const [hs, rowTensor, targetTensor] = [f32(h, T, C), i32(rows), i32(targets)];
	const { logps, lse, entropy } = targetLogps(hs, table, rowTensor, targetTensor);
	const dlogps = normals(N, 6);
	const dh = targetLogpsGrad(f32Vector(dlogps), hs, table, rowTensor, targetTensor, lse);
	const wanted = targetLogpsReference(inputs);
	const gradient = targetLogpsGradReference(dlogps, inputs);
	const atol = 1e-5 + 2e-6 * largest(wanted.lse);
	expectAllclose(await take(dh), gradient, { atol: atol * largest(gradient), rtol: 1e-4 }, 'dh');
	expectAllclose(await take(logps), wanted.logps, { atol }, 'logps');
	expectAllclose(await take(lse), wanted.lse, { atol }, 'lse');
	expectAllclose(await take(entropy), wanted.entropy, { atol: 20 * atol }, 'entropy');
	disposeTable(table);
}

describe.each([
	['auto', 'f32', 4 * C],
	['shared64', 'q4', (20 * C) / 32],
] as const)('a table in parts: programs %s, %s', (kernels, format, rowBytes) => {
	let device: Device;
	beforeAll(async () => {
		device = await openDevice({ backend: 'webgpu', kernels });
	});

	test('embedding and head equal the references', async () => {
		await compareTable(format, rowBytes);
		expect(device.fault()?.message).toBeUndefined();
	});
});

describe('a model whose vocabulary is larger than a binding', () => {
	const shape = { hiddenSize: 32, intermediateSize: 20, heads: 3, kvHeads: 1, headDim: 8 };
	const config = modelOf({ ...shape, layers: 1, vocabSize: 251 }, { maxPositions: 64 });
	const tensors = randomTensors(config, 5);
	let device: Device;
	afterAll(() => device.close());

	test('logits and answers equal the reference', async () => {
		device = await openDevice({ backend: 'webgpu', mostBindingBytes: 17_000 });
		const model = createDecoder(config, tensors);
		expect(tableParts(model.weights.head)).toHaveLength(2);
		const reference = { config, tensors, adapter: null };
		expectAllclose(await logitsOf(model, null, [3, 250, 5]), referenceLogits(reference, [3, 250, 5]));
		const rows = [[3, 250], [9]].map((ids) => ({ ids, maxTokens: 4, temperature: 0, topP: 1, seed: 0 }));
		const answers = await generateBatch(model, null, rows, { stopIds: new Set() });
		expect(answers.map(({ ids }) => ids)).toEqual(rows.map(({ ids }) => referenceGreedy(reference, ids, 4)));
		expect(device.fault()?.message).toBeUndefined();
		model.dispose();
	});

	test('another weight that is larger than a binding is named with its size and the limit', async () => {
		device = await openDevice({ backend: 'webgpu', mostBindingBytes: 1024 });
		expect(() => createDecoder(config, tensors)).toThrow(
			expect.objectContaining({
				code: 'limits-too-low',
				context: { name: 'layers.0.self_attn.qkv_proj.weight', need: 5120, have: 1024 },
			}),
		);
	});
});
