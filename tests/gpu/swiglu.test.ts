import { expect, test } from 'vitest';
import { swigluGradReference, swigluReference } from '#engine/kernels/swiglu/swiglu.reference.ts';
import { swiglu, swigluGrad } from '#engine/kernels/swiglu/swiglu.ts';
import { expectAllclose } from '#tests/support/allclose.ts';
import { f32, onEachBackend, take } from '#tests/support/backends.ts';
import { centralDifference, dotProduct, normals, someIndices } from '#tests/support/tensors.ts';

const SIZES = [
	[1, 4],
	[3, 252],
	[5, 256],
	[7, 260],
	[13, 52],
] as const;

onEachBackend('swiglu', () => {
	test.each(SIZES)('equals the reference for %i rows of %i', async (T, F) => {
		const [gateUp, dy] = [normals(T * 2 * F, 1, 2), normals(T * F, 2)];
		expectAllclose(await take(swiglu(f32(gateUp, T, 2 * F))), swigluReference(gateUp, F));
		expectAllclose(
			await take(swigluGrad(f32(dy, T, F), f32(gateUp, T, 2 * F))),
			swigluGradReference(dy, gateUp, F),
		);
	});

	test('gates of large magnitude saturate without NaN', async () => {
		const gateUp = Float64Array.from([-200, 200, -90, 90, 2, 3, 4, 5]);
		const dy = Float64Array.from([1, 1, 1, 1]);
		expectAllclose(await take(swiglu(f32(gateUp, 1, 8))), swigluReference(gateUp, 4));
		expectAllclose(
			await take(swigluGrad(f32(dy, 1, 4), f32(gateUp, 1, 8))),
			swigluGradReference(dy, gateUp, 4),
		);
	});
});

test('the reference gradient equals central differences', () => {
	const [T, F] = [2, 5];
	const [gateUp, dy] = [normals(T * 2 * F, 3), normals(T * F, 4)];
	const d = swigluGradReference(dy, gateUp, F);
	for (const i of someIndices(gateUp.length, 20)) {
		expect(d[i]).toBeCloseTo(
			centralDifference(() => dotProduct(swigluReference(gateUp, F), dy), gateUp, i),
			6,
		);
	}
});
