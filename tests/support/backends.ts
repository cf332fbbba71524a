/**
 * The backends that a kernel's suite runs on: our WGSL on webgpu and the stock bodies on wasm in the browser,
 * the stock bodies on wasm and cpu in Node. One suite covers every body.
 */
import { afterEach, beforeAll, describe, expect } from 'vitest';
import { openDevice, type Device, type DeviceOptions } from '#engine/device.ts';
import { roundToHalf, widenHalf } from '#core/format/float16.ts';
import { readNow } from '#engine/memory.ts';
import { tensor1d, tensor2d, type Tensor, type Tensor1D, type Tensor2D } from '#engine/tensor.ts';
import { f32Weight, storedWeight, type Weight } from '#engine/weight.ts';

const inBrowser = typeof document !== 'undefined';
/** The browser has WebGPU; in Node a setup file installs it: see docs/kernels.md. */
const hasWebgpu = typeof navigator !== 'undefined' && 'gpu' in navigator;

/**
 * `webgpu-plain`: our WGSL without the parts for SwiftShader (see handed() in wgsl.ts). `webgpu-shared…`: the
 * large products over workgroup-memory tiles of that edge. A real GPU runs one of these. `…-f16`: frozen
 * weights in f16.
 */
export type TestBackend =
	`webgpu${'' | '-plain' | '-shared32' | '-shared64' | '-shared128'}${'' | '-f16'}` | 'wasm' | 'cpu';
export const BACKENDS: readonly TestBackend[] = hasWebgpu
	? ['webgpu', 'webgpu-plain', 'wasm']
	: ['wasm', 'cpu'];
/** For kernels that read a frozen weight. */
export const WEIGHT_BACKENDS: readonly TestBackend[] = hasWebgpu ? [...BACKENDS, 'webgpu-f16'] : BACKENDS;
/** For kernels with large products. */
export const PRODUCT_BACKENDS: readonly TestBackend[] = hasWebgpu
	? [...WEIGHT_BACKENDS, 'webgpu-shared32', 'webgpu-shared64', 'webgpu-shared128', 'webgpu-shared64-f16']
	: BACKENDS;

/** A frozen weight in the backend's storage format, and its numbers after rounding to that format. */
export function weightOn(
	backend: TestBackend,
	values: Float64Array,
	rows: number,
	columns: number,
): { weight: Weight; values: Float64Array } {
	const floats = Float32Array.from(values);
	if (!backend.endsWith('-f16')) return { weight: f32Weight(f32(floats, rows, columns)), values };
	const halves = roundToHalf(floats);
	return {
		weight: storedWeight({ data: halves }, rows, columns),
		values: Float64Array.from(widenHalf(halves)),
	};
}

/** Opens a backend like the app; in a browser wasm needs the URLs of its files. */
export async function openBackend(backend: TestBackend): Promise<Device> {
	if (inBrowser && backend === 'wasm') {
		const { wasmFiles } = await import('#engine/host/wasmFiles.ts');
		return openDevice({ backend, wasmFiles });
	}
	if (backend === 'wasm' || backend === 'cpu') return openDevice({ backend });
	return openDevice({ backend: 'webgpu', kernels: kernelsOf(backend) });
}

function kernelsOf(backend: Exclude<TestBackend, 'wasm' | 'cpu'>): DeviceOptions['kernels'] & string {
	const name = backend.replace('-f16', '').replace(/^webgpu-?/, '');
	return name === '' ? 'auto' : (name as DeviceOptions['kernels'] & string);
}

/** Runs a suite once on each backend. */
export function onEachBackend(
	name: string,
	suite: (backend: TestBackend) => void,
	backends: readonly TestBackend[] = BACKENDS,
): void {
	describe.each(backends)(`${name} on %s`, (backend) => {
		let device: Device | null = null;
		beforeAll(async () => {
			device = await openBackend(backend);
		});
		// If WebGPU rejects a shader or a dispatch, results are zeros without an exception, so show WebGPU's own
		// message.
		afterEach(() => expect(device?.fault()?.message).toBeUndefined());
		suite(backend);
	});
}

export const f32 = (values: ArrayLike<number>, rows: number, columns: number): Tensor2D =>
	tensor2d(Float32Array.from(values), [rows, columns]);
export const f32Vector = (values: ArrayLike<number>): Tensor1D => tensor1d(Float32Array.from(values));
export const i32 = (values: ArrayLike<number>): Tensor1D => tensor1d(Int32Array.from(values), 'int32');

/** Values of a float tensor; frees the tensor. */
export async function take(tensor: Tensor | null): Promise<Float32Array> {
	expect(tensor).not.toBeNull();
	if (tensor === null) return new Float32Array();
	const values = await readNow(tensor);
	tensor.dispose();
	return values;
}
