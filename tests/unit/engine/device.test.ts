import { expect, test } from 'vitest';
import { openDevice } from '#engine/device.ts';
import { clearInPlace, memoryReport, readLater, readNow, writeInPlace } from '#engine/memory.ts';
import { rmsNorm } from '#engine/kernels/rmsNorm/rmsNorm.ts';
import { tensor1d, tensor2d } from '#engine/tensor.ts';

test('without WebGPU, auto runs on wasm and says why', async () => {
	const { report } = await openDevice();
	expect(report.backend).toBe('wasm');
	expect(report.fallbackReason).toContain('WebGPU');
});

test('without WebGPU, asking for it is an error with what to do', async () => {
	await expect(openDevice({ backend: 'webgpu' })).rejects.toMatchObject({ code: 'webgpu-missing' });
});

test.each(['wasm', 'cpu'] as const)(
	'memory on %s: in-place writes, clears and reads; ops leave no tensors',
	async (backend) => {
		await openDevice({ backend });
		const x = tensor1d([1, 2, 3]);
		const reading = readLater(x);
		writeInPlace(x, Float32Array.of(7, 8));
		expect([...(await reading)]).toEqual([1, 2, 3]);
		expect([...(await readNow(x))]).toEqual([7, 8, 3]);
		clearInPlace(x);
		expect([...(await readNow(x))]).toEqual([0, 0, 0]);
		const ids = tensor1d([1, 2], 'int32');
		writeInPlace(ids, Int32Array.of(5));
		expect([...(await ids.data())]).toEqual([5, 2]);

		const [a, w] = [tensor2d([1, 2, 3, 4], [1, 4]), tensor1d([1, 1, 1, 1])];
		const before = memoryReport().tensors;
		rmsNorm(a, w, 1e-5).dispose();
		expect(memoryReport().tensors).toBe(before);
	},
);
