import { expect, test } from 'vitest';
import { rmsNorm, rmsNormGrad } from '#engine/kernels/rmsNorm/rmsNorm.ts';
import { rmsNormGradReference, rmsNormReference } from '#engine/kernels/rmsNorm/rmsNorm.reference.ts';
import { expectAllclose } from '#tests/support/allclose.ts';
import { f32, f32Vector, onEachBackend, take } from '#tests/support/backends.ts';
import { centralDifference, dotProduct, normals, someIndices } from '#tests/support/tensors.ts';

const EPS = 1e-5;
// Row counts around a workgroup of 64 and beyond one axis of the grid; channels from one quad up, a prime
// number of quads, real widths.
const SIZES = [
	[1, 4],
	[63, 8],
	[64, 20],
	[65, 52],
	[131, 128],
	[5, 260],
	[3, 1076],
	[16_389, 4],
] as const;

onEachBackend('rmsNorm', () => {
	test.each(SIZES)('equals the reference for %i rows of %i', async (T, C) => {
		const [x, w] = [normals(T * C, 1, 3), normals(C, 2)];
		const [xs, ws] = [f32(x, T, C), f32Vector(w)];
		expectAllclose(await take(rmsNorm(xs, ws, EPS)), rmsNormReference(x, w, EPS));
		const [dy, residual] = [normals(T * C, 3), normals(T * C, 4)];
		const dx = rmsNormGradReference(dy, x, w, EPS);
		expectAllclose(await take(rmsNormGrad(f32(dy, T, C), xs, ws, EPS)), dx);
		expectAllclose(
			await take(rmsNormGrad(f32(dy, T, C), xs, ws, EPS, f32(residual, T, C))),
			dx.map((value, i) => value + (residual[i] ?? NaN)),
		);
	});

	test('stays finite and exact for rows of zeros and of large numbers', async () => {
		const x = Float64Array.from([0, 0, 0, 0, 3e15, -1e15, 2e15, 1e15]);
		const w = Float64Array.from([1, 2, 3, 4]);
		expectAllclose(await take(rmsNorm(f32(x, 2, 4), f32Vector(w), EPS)), rmsNormReference(x, w, EPS));
	});
});

test('the reference gradient equals central differences', () => {
	const [T, C] = [3, 8];
	const [x, w, dy] = [normals(T * C, 5), normals(C, 6), normals(T * C, 7)];
	const dx = rmsNormGradReference(dy, x, w, EPS);
	for (const i of someIndices(x.length)) {
		const slope = centralDifference(() => dotProduct(rmsNormReference(x, w, EPS), dy), x, i);
		expect(dx[i]).toBeCloseTo(slope, 6);
	}
});
