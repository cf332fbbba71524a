/** tfjs's wasm backend on one thread, on several, and switching between them. */
import { engine } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { openDevice } from '#engine/device.ts';
import { readNow } from '#engine/memory.ts';
import { matMul } from '#engine/tensor.ts';
import { wasmFiles } from '#engine/host/wasmFiles.ts';
import { expectAllclose } from '#tests/support/allclose.ts';
import { f32 } from '#tests/support/backends.ts';
import { normals } from '#tests/support/tensors.ts';

const [M, K, N] = [67, 128, 51];
const [A, B] = [normals(M * K, 1), normals(K * N, 2)];

/** Threads as the binary counts them. */
function runningThreads(): number {
	const { wasm } = engine().backend as unknown as { wasm: { tfjs: { getThreadsCount(): number } } };
	return wasm.tfjs.getThreadsCount();
}

async function productOn(
	wasmThreads?: number,
): Promise<{ features: readonly string[]; running: number; values: Float32Array }> {
	const threads = wasmThreads === undefined ? {} : { wasmThreads };
	const { report } = await openDevice({ backend: 'wasm', wasmFiles, ...threads });
	const product = matMul(f32(A, M, K), f32(B, K, N));
	return { features: report.features, running: runningThreads(), values: await readNow(product) };
}

test('threads start where the page is isolated, and every count gives the same product', async () => {
	expect(crossOriginIsolated).toBe(true);
	const wanted = Float64Array.from({ length: M * N }, (_, i) => {
		let sum = 0;
		for (let k = 0; k < K; k++) sum += A[Math.floor(i / N) * K + k]! * B[k * N + (i % N)]!;
		return sum;
	});
	for (const count of [2, 1, 3, undefined]) {
		const { features, running, values } = await productOn(count);
		expect(running).toBe(count ?? Math.max(1, Math.min(4, navigator.hardwareConcurrency - 1)));
		expect(features.includes('threads'), `${count} threads`).toBe(running > 1);
		expectAllclose(values, wanted, { atol: 1e-4 }, `${count} threads`);
	}
});
