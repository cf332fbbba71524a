import { expect, test } from 'vitest';
import { decodeLinearReference } from '#engine/kernels/decodeLinear/decodeLinear.reference.ts';
import { decodeLinear } from '#engine/kernels/decodeLinear/decodeLinear.ts';
import { f32Weight } from '#engine/weight.ts';
import { expectAllclose, largest } from '#tests/support/allclose.ts';
import { f32, f32Vector, onEachBackend, take, WEIGHT_BACKENDS, weightOn } from '#tests/support/backends.ts';
import { normals } from '#tests/support/tensors.ts';

// Row counts around the tiles of 1, 4 and 16; K below, at and above the sixteen threads' share; odd counts of
// quads.
const SIZES = [
	[1, 4, 8],
	[1, 128, 384],
	[2, 60, 24],
	[4, 68, 40],
	[5, 64, 136],
	[16, 36, 8],
	[17, 128, 264],
	[33, 132, 72],
] as const;

onEachBackend(
	'decodeLinear',
	(backend) => {
		test.each(SIZES)('equals the reference for %i rows, %i → %i', async (T, K, N) => {
			const x = normals(T * K, 1, 3);
			const { weight, values: w } = weightOn(backend, normals(N * K, 2, 1 / Math.sqrt(K)), N, K);
			const [gain, bias, residual] = [normals(K, 3), normals(N, 4), normals(T * N, 5)];
			const xs = f32(x, T, K);
			const sizes = { T, K, N };
			const compare = async (
				options: Parameters<typeof decodeLinear>[2],
				wanted: Float64Array,
				name: string,
			): Promise<void> => {
				expectAllclose(
					await take(decodeLinear(xs, weight, options)),
					wanted,
					{ atol: 2e-6 * largest(wanted) },
					name,
				);
			};
			await compare({}, decodeLinearReference(x, w, sizes), 'alone');
			const norm = { weight: f32Vector(gain), eps: 1e-5 };
			const normed = { norm: { weight: gain, eps: 1e-5 } };
			await compare(
				{ norm, bias: f32Vector(bias) },
				decodeLinearReference(x, w, sizes, { ...normed, bias }),
				'norm and bias',
			);
			await compare(
				{ residual: f32(residual, T, N) },
				decodeLinearReference(x, w, sizes, { residual }),
				'residual',
			);
			await compare(
				{ norm, swiglu: true },
				decodeLinearReference(x, w, sizes, { ...normed, swiglu: true }),
				'norm and SwiGLU',
			);
		});

		test('rows of large and of tiny magnitude are normed alike', async () => {
			const [T, K, N] = [3, 32, 8];
			const x = normals(T * K, 6);
			for (let k = 0; k < K; k++) {
				x[k] = Math.fround((x[k] ?? 0) * 1e6);
				x[K + k] = Math.fround((x[K + k] ?? 0) * 1e-6);
			}
			const [w, gain] = [normals(N * K, 7, 0.2), normals(K, 8)];
			const norm = { weight: f32Vector(gain), eps: 1e-5 };
			const y = await take(decodeLinear(f32(x, T, K), f32Weight(f32(w, N, K)), { norm }));
			const wanted = decodeLinearReference(x, w, { T, K, N }, { norm: { weight: gain, eps: 1e-5 } });
			expectAllclose(y, wanted, { atol: 4e-6 * largest(wanted) });
		});

		test.each([
			[1, 1],
			[3, 41],
			[17, 70],
		])('%i rows of a vocabulary of %i', async (T, N) => {
			const K = 36;
			const x = normals(T * K, 9);
			const { weight, values: w } = weightOn(backend, normals(N * K, 10, 0.2), N, K);
			const gain = normals(K, 11);
			const y = await take(
				decodeLinear(f32(x, T, K), weight, { norm: { weight: f32Vector(gain), eps: 1e-5 } }),
			);
			const wanted = decodeLinearReference(x, w, { T, K, N }, { norm: { weight: gain, eps: 1e-5 } });
			expectAllclose(y, wanted, { atol: 2e-6 * largest(wanted) });
		});

		test('shapes that do not fit are refused', () => {
			const weight = f32Weight(f32(normals(12 * 8, 1), 12, 8));
			const x = f32(normals(8, 2), 1, 8);
			expect(() => decodeLinear(x, weight, { swiglu: true })).toThrow('multiple of 4');
			const odd = f32Weight(f32(normals(6 * 8, 1), 6, 8));
			expect(() => decodeLinear(x, odd, { bias: f32Vector(normals(6, 3)) })).toThrow('multiple of 4');
			expect(() => decodeLinear(x, weight, { residual: x })).toThrow('residual');
		});
	},
	WEIGHT_BACKENDS,
);
