/**
 * Forward products in f16 over workgroup tiles, on devices with shader-f16: Mesa's lavapipe has it,
 * SwiftShader does not (docs/kernels.md).
 */
import { afterEach, beforeEach, expect, test, type TestContext } from 'vitest';
import { openDevice, type Device } from '#engine/device.ts';
import { linear } from '#engine/kernels/linear/linear.ts';
import { linearReference } from '#engine/kernels/linear/linear.reference.ts';
import type { LoraSlot } from '#engine/kernels/linear/lora.ts';
import { recorder } from '#engine/gpu/record.ts';
import { Tuner } from '#engine/tuning/tuner.ts';
import { f32Weight, storedWeight, type Weight } from '#engine/weight.ts';
import { roundToHalf, widenHalf } from '#core/format/float16.ts';
import { f32, f32Vector, take } from '#tests/support/backends.ts';
import { memoryKernelStore } from '#tests/support/kernelStore.ts';
import { normals } from '#tests/support/tensors.ts';

const EDGES = ['half32', 'half64', 'half128'] as const;
/** Rounding of two factors, of four products and of their three sums, each at most 2⁻¹¹ of Σ |a·b|. */
const BOUND = 9 * 2 ** -11;

let device: Device;
beforeEach(async (context: TestContext) => {
	device = await openDevice({ backend: 'webgpu', kernels: 'plain' });
	context.skip(!recorder().halves, 'this device has no f16');
});
afterEach(() => expect(device.fault()?.message).toBeUndefined());

interface Sizes {
	T: number;
	K: number;
	N: number;
}

/** The result must be well within the rounding bound, and further off than f32 would be. */
function expectHalf(got: Float32Array, wanted: Float64Array, room: Float64Array): void {
	let worst = 0;
	let off = 0;
	wanted.forEach((value, i) => {
		const error = Math.abs((got[i] ?? NaN) - value);
		worst = Math.max(worst, error / ((room[i] ?? 0) + 1e-30));
		off = Math.max(off, error / (Math.abs(value) + 1e-30));
	});
	expect(worst).toBeLessThan(BOUND);
	expect(off).toBeGreaterThan(2 ** -20);
}

const absolute = (values: ArrayLike<number>): Float64Array => Float64Array.from(values, Math.abs);

function run(edge: (typeof EDGES)[number], work: () => Promise<Float32Array>): Promise<Float32Array> {
	const { variants } = recorder();
	variants.forced = edge;
	return work().finally(() => variants.force(null));
}

test.each(EDGES)('bias, residual and an adapter of two blocks on %s', async (edge) => {
	const sizes: Sizes = { T: 67, K: 44, N: 136 };
	const { T, K, N } = sizes;
	const halves = roundToHalf(Float32Array.from(normals(N * K, 2, 1 / Math.sqrt(K))));
	const w = Float64Array.from(widenHalf(halves));
	const [x, bias, residual] = [normals(T * K, 1), normals(N, 3), normals(T * N, 4)];
	const blocks = [
		{ rowStart: 0, rowEnd: 64, aRow: 0 },
		{ rowStart: 96, rowEnd: 136, aRow: 8 },
	];
	const lora = { a: normals(16 * K, 5, 0.3), b: normals(104 * 8, 6, 0.3), rank: 8, scaling: 2, blocks };
	const flat = [...lora.a, ...lora.b];
	const slot: LoraSlot = {
		params: f32Vector(flat),
		aOffset: 0,
		bOffset: lora.a.length,
		...{ rank: 8, scaling: 2, blocks },
	};
	const wanted = linearReference(x, w, sizes, { bias, residual, lora }).y;
	// The adapter's narrow product is f32; its result counts with its own magnitude.
	const room = linearReference(absolute(x), absolute(w), sizes, {
		bias: absolute(bias),
		residual: absolute(residual),
		lora: { ...lora, a: absolute(lora.a), b: absolute(lora.b) },
	}).y;
	const weights: Weight[] = [f32Weight(f32(w, N, K)), storedWeight({ data: halves }, N, K)];
	for (const weight of weights) {
		const options = { bias: f32Vector(bias), residual: f32(residual, T, N), lora: slot };
		expectHalf(await run(edge, () => take(linear(f32(x, T, K), weight, options).y)), wanted, room);
	}
});

test.each(EDGES)('an adapter that has just begun to train is not lost on %s', async (edge) => {
	const sizes: Sizes = { T: 9, K: 16, N: 32 };
	const { T, K, N } = sizes;
	const x = normals(T * K, 1);
	const blocks = [{ rowStart: 0, rowEnd: N, aRow: 0 }];
	// Below the smallest normal number of f16.
	const lora = { a: normals(8 * K, 2), b: normals(N * 8, 3, 1e-6), rank: 8, scaling: 2, blocks };
	const params = f32Vector([...lora.a, ...lora.b]);
	const slot: LoraSlot = {
		params,
		aOffset: 0,
		bOffset: lora.a.length,
		...{ rank: 8, scaling: 2, blocks },
	};
	const zero = new Float64Array(N * K);
	const wanted = linearReference(x, zero, sizes, { lora }).y;
	const positive = { ...lora, a: absolute(lora.a), b: absolute(lora.b) };
	const room = linearReference(absolute(x), zero, sizes, { lora: positive }).y;
	const weight = f32Weight(f32(zero, N, K));
	expectHalf(await run(edge, () => take(linear(f32(x, T, K), weight, { lora: slot }).y)), wanted, room);
});

test('a person’s choice reaches the products, and is kept', async () => {
	const store = memoryKernelStore();
	const tuner = new Tuner(store);
	await tuner.begin(device);
	expect(tuner.report()).toMatchObject({ halves: true, settings: { arithmetic: 'f32' } });
	const settings = { programs: 'shared32', weights: 'f32', arithmetic: 'f16' } as const;
	expect(tuner.needsReload(settings)).toBe(true);
	await tuner.set(settings);
	const { variants } = recorder();
	expect(variants.tileOf('linear', 500, 96, 32)).toEqual({ edge: 32, half: true });
	expect(variants.tileOf('linearDx', 500, 96, 32)).toEqual({ edge: 32, half: false });
	const later = new Tuner(store);
	await later.begin(device);
	expect(later.report()?.settings).toEqual(settings);
});
