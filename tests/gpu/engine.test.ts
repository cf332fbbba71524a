import { afterAll, beforeAll, expect, test } from 'vitest';
import { DeviceError } from '#core/errors.ts';
import { openDevice, type Device } from '#engine/device.ts';
import { rmsNorm, rmsNormGrad } from '#engine/kernels/rmsNorm/rmsNorm.ts';
import { rmsNormReference } from '#engine/kernels/rmsNorm/rmsNorm.reference.ts';
import {
	compileInParallel,
	counters,
	flush,
	memoryReport,
	readLater,
	readNow,
	writeInPlace,
} from '#engine/memory.ts';
import { add, tensor2d } from '#engine/tensor.ts';
import { expectAllclose } from '#tests/support/allclose.ts';
import { f32, f32Vector } from '#tests/support/backends.ts';
import { normals } from '#tests/support/tensors.ts';

let device: Device;
beforeAll(async () => {
	device = await openDevice({ backend: 'webgpu' });
});
afterAll(() => expect(device.fault()).toBeNull());

test('reports the adapter, its features and the limits that were asked for', () => {
	const { report } = device;
	expect(report.backend).toBe('webgpu');
	expect(report.vendor).not.toBe('');
	expect(report.fallbackReason).toBeNull();
	expect(report.limits['maxBufferSize']).toBeGreaterThanOrEqual(2 ** 28);
});

test('a limit that the adapter cannot reach is named with need and have', async () => {
	const opening = openDevice({ backend: 'webgpu', need: { maxBufferSize: 2 ** 52 } });
	await expect(opening).rejects.toThrow(DeviceError);
	await expect(opening).rejects.toMatchObject({
		code: 'limits-too-low',
		context: { limit: 'maxBufferSize', need: 2 ** 52 },
	});
	device = await openDevice({ backend: 'webgpu' });
});

test('fifty recorded ops are one submit, and a second round makes no buffer, bind group or tensor', async () => {
	const [T, C] = [48, 64];
	const x = f32(normals(T * C, 1), T, C);
	const w = f32Vector(normals(C, 2));
	const round = (): Promise<Float32Array> => {
		let y = rmsNorm(x, w, 1e-5);
		for (let i = 0; i < 48; i++) {
			const next = i % 2 === 0 ? rmsNormGrad(y, x, w, 1e-5, y) : rmsNorm(y, w, 1e-5);
			y.dispose();
			y = next;
		}
		const result = readLater(y);
		y.dispose();
		flush();
		return result;
	};
	const first = await round();
	const before = { ...counters(), ...memoryReport() };
	const second = await round();
	const after = { ...counters(), ...memoryReport() };
	expectAllclose(second, first, { atol: 0, rtol: 0 });
	expect(after.submits - before.submits).toBe(1);
	expect(after.dispatches - before.dispatches).toBe(49);
	for (const key of ['pipelines', 'uniformBuffers', 'bindGroups', 'tensors', 'bytesAllocated'] as const) {
		expect(after[key], key).toBe(before[key]);
	}
	// Memory freed inside the batch is reused inside the batch: 49 results shared a handful of buffers.
	expect(after.bytesAllocated).toBeLessThan(12 * T * C * 4);
});

test('a value read later is that of the moment of the call, though the tensor changes before the submit', async () => {
	const x = tensor2d([1, 2, 3, 4], [1, 4]);
	const reading = readLater(x);
	writeInPlace(x, Float32Array.of(9, 9, 9, 9));
	expect([...(await reading)]).toEqual([1, 2, 3, 4]);
	expect([...(await readNow(x))]).toEqual([9, 9, 9, 9]);
});

test('stock ops and ours keep their order in one batch', async () => {
	const values = normals(64, 3);
	const [x, w] = [f32(values, 1, 64), f32Vector(new Float64Array(64).fill(1))];
	const doubled = add(x, x);
	const y = rmsNorm(doubled as typeof x, w, 1e-5);
	const wanted = rmsNormReference(
		values.map((v) => 2 * v),
		new Float64Array(64).fill(1),
		1e-5,
	);
	expectAllclose(
		await readNow(add(y, y)),
		wanted.map((v) => 2 * v),
	);
});

test('pipelines compile before the first run, which then compiles none', async () => {
	const [x, w] = [f32(normals(64, 4), 1, 64), f32Vector(normals(64, 5))];
	// A fresh device has no pipelines.
	device = await openDevice({ backend: 'webgpu' });
	const [x2, w2] = [f32(normals(64, 4), 1, 64), f32Vector(normals(64, 5))];
	const before = counters().pipelines;
	await compileInParallel(() => {
		rmsNormGrad(rmsNorm(x2, w2, 1e-5), x2, w2, 1e-5);
	});
	expect(counters().pipelines).toBe(before + 2);
	await readNow(rmsNormGrad(rmsNorm(x2, w2, 1e-5), x2, w2, 1e-5));
	expect(counters().pipelines).toBe(before + 2);
	x.dispose();
	w.dispose();
});
