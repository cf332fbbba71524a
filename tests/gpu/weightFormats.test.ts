/**
 * Every format of a frozen weight in every product that reads one, against the f64 references on the rounded
 * numbers. Rows of blocks are multiples of 32; the other sizes are around tiles and no multiples of anything.
 */
import { describe, expect, test } from 'vitest';
import type { NumberFormat } from '#core/format/numberFormat.ts';
import { decodeLinearReference } from '#engine/kernels/decodeLinear/decodeLinear.reference.ts';
import { decodeLinear } from '#engine/kernels/decodeLinear/decodeLinear.ts';
import { embeddingReference } from '#engine/kernels/embedding/embedding.reference.ts';
import { embedding } from '#engine/kernels/embedding/embedding.ts';
import { linearGradReference, linearReference } from '#engine/kernels/linear/linear.reference.ts';
import { linear, linearGrad } from '#engine/kernels/linear/linear.ts';
import type { LoraSlot } from '#engine/kernels/linear/lora.ts';
import { mergeLoraReference } from '#engine/kernels/mergeLora/mergeLora.reference.ts';
import { mergeLora } from '#engine/kernels/mergeLora/mergeLora.ts';
import {
	targetLogpsGradReference,
	targetLogpsReference,
} from '#engine/kernels/targetLogps/targetLogps.reference.ts';
import { targetLogps, targetLogpsGrad } from '#engine/kernels/targetLogps/targetLogps.ts';
import { disposeWeight, storedWeight, weightBytes, weightShape, type Weight } from '#engine/weight.ts';
import { expectAllclose, largest } from '#tests/support/allclose.ts';
import { f32, f32Vector, i32, onEachBackend, PRODUCT_BACKENDS, take } from '#tests/support/backends.ts';
import { roundedTo, storedAs } from '#tests/support/quantise.ts';
import { integers, normals } from '#tests/support/tensors.ts';

const EXACT = { rtol: 0, atol: 0 };
/** Bytes of 32 numbers. */
const BYTES = { f32: 128, f16: 64, bf16: 64, q4: 20, q4m: 20, q8: 36 } as const;

interface Matrix {
	readonly weight: Weight;
	/** After rounding to the format. */
	readonly values: Float64Array;
}

function matrix(format: NumberFormat, N: number, K: number): Matrix {
	const floats = Float32Array.from(normals(N * K, 3, 1 / Math.sqrt(K)));
	return { weight: storedWeight(storedAs(format, floats), N, K), values: roundedTo(format, floats) };
}

const near = (wanted: ArrayLike<number>, factor = 2e-6) => ({ atol: factor * largest(wanted) });

async function compareProjection(format: NumberFormat, T: number, N: number, K: number): Promise<void> {
	const { weight, values } = matrix(format, N, K);
	const [rank, scaling, blocks] = [4, 2, [{ rowStart: 4, rowEnd: N, aRow: 0 }]] as const;
	const [a, b] = [normals(rank * K, 11, 0.3), normals((N - 4) * rank, 12, 0.3)];
	const [x, dy] = [normals(T * K, 13), normals(T * N, 14)];
	const params = f32Vector([...a, ...b]);
	const lora: LoraSlot = { params, aOffset: 0, bOffset: a.length, rank, scaling, blocks };
	const reference = { a, b, rank, scaling, blocks };
	const xs = f32(x, T, K);
	const { y, xa } = linear(xs, weight, { lora });
	const wanted = linearReference(x, values, { T, K, N }, { lora: reference });
	expectAllclose(await take(y), wanted.y, near(wanted.y), 'y');
	const grads = f32Vector(new Float64Array(params.size));
	const dx = linearGrad(f32(dy, T, N), xs, weight, { lora, xa: xa ?? undefined, grads });
	const gradient = linearGradReference(dy, x, values, { T, K, N }, reference);
	expectAllclose(await take(dx), gradient.dx, near(gradient.dx), 'dx');
	const flat = [...gradient.dA, ...gradient.dB];
	expectAllclose(await take(grads), flat, near(flat, 4e-6), 'dA and dB');
	disposeWeight(weight);
}

async function compareDecoding(format: NumberFormat, T: number, N: number, K: number): Promise<void> {
	const { weight, values } = matrix(format, N, K);
	const [x, gain] = [normals(T * K, 21, 3), normals(K, 22)];
	const norm = { weight: f32Vector(gain), eps: 1e-5 };
	const y = await take(decodeLinear(f32(x, T, K), weight, { norm }));
	const wanted = decodeLinearReference(x, values, { T, K, N }, { norm: { weight: gain, eps: 1e-5 } });
	expectAllclose(y, wanted, near(wanted), `${T} rows`);
	disposeWeight(weight);
}

async function compareHead(format: NumberFormat, N: number, V: number, C: number): Promise<void> {
	const { weight, values } = matrix(format, V, C);
	const T = N + 3;
	const h = normals(T * C, 31);
	const rows = integers(N, T, 32);
	const targets = integers(N, V, 33);
	targets[1] = -1;
	const dlogps = normals(N, 34);
	const [hs, rowTensor, targetTensor] = [f32(h, T, C), i32(rows), i32(targets)];
	const inputs = { h, head: values, rows, targets, C };
	const wanted = targetLogpsReference(inputs);
	const got = targetLogps(hs, weight, rowTensor, targetTensor);
	const dh = targetLogpsGrad(f32Vector(dlogps), hs, weight, rowTensor, targetTensor, got.lse);
	const gradient = targetLogpsGradReference(dlogps, inputs);
	const atol = 1e-5 + 2e-6 * largest(wanted.lse);
	expectAllclose(await take(dh), gradient, { atol: atol * largest(gradient), rtol: 1e-4 }, 'dh');
	expectAllclose(await take(got.logps), wanted.logps, { atol }, 'logps');
	expectAllclose(await take(got.entropy), wanted.entropy, { atol: 20 * atol }, 'entropy');
	disposeWeight(weight);
}

/** Formats by backend: their programs differ only in how they read a quad, and each compiles for seconds. */
const FORMATS: Readonly<Partial<Record<string, readonly NumberFormat[]>>> = {
	webgpu: ['bf16', 'q4', 'q4m', 'q8'],
	'webgpu-shared64': ['q4'],
	wasm: ['f16', 'bf16', 'q4', 'q4m', 'q8'],
	cpu: ['q4'],
};
const HEADS: readonly NumberFormat[] = ['bf16', 'q4'];

onEachBackend(
	'weights',
	(backend) => {
		test.each(['f32', 'f16', 'bf16', 'q4', 'q4m', 'q8'] as const)('every number of %s', async (format) => {
			const [V, C] = [37, 96];
			const { weight, values } = matrix(format, V, C);
			expect(weightShape(weight)).toEqual([V, C]);
			// Programs read whole quads of rows; host backends hold f32 in both orders.
			const expected = backend.startsWith('webgpu') ? (40 * C * BYTES[format]) / 32 : 2 * V * C * 4;
			expect(weightBytes(weight)).toBe(expected);
			const ids = Int32Array.from({ length: V }, (_, i) => V - 1 - i);
			expectAllclose(await take(embedding(weight, i32(ids))), embeddingReference(values, ids, C), EXACT);
			disposeWeight(weight);
		});

		describe.each(FORMATS[backend] ?? [])('in %s', (format) => {
			test.each([
				[17, 36, 32],
				[67, 76, 160],
			])('a projection of %i rows, %i × %i, and its gradients', async (T, N, K) => {
				await compareProjection(format, T, N, K);
			});

			test.each([
				[1, 41, 96],
				[3, 36, 32],
				[17, 70, 160],
			])('%i rows of a decoding step, %i × %i', async (T, N, K) => {
				await compareDecoding(format, T, N, K);
			});

			test.runIf(HEADS.includes(format))(
				'log-probabilities of a vocabulary of 263, and their gradient',
				async () => {
					await compareHead(format, 33, 263, 96);
				},
			);

			test('a merged adapter', async () => {
				const [N, K, rank] = [20, 96, 4];
				const { weight, values } = matrix(format, N, K);
				const [a, b] = [normals(rank * K, 41), normals(12 * rank, 42)];
				const blocks = [{ rowStart: 4, rowEnd: 16, aRow: 0 }];
				const slot = {
					params: f32Vector([...a, ...b]),
					aOffset: 0,
					bOffset: a.length,
					rank,
					scaling: 2,
					blocks,
				};
				const wanted = mergeLoraReference(values, { N, K }, { a, b, rank, scaling: 2, blocks });
				expectAllclose(await take(mergeLora(weight, slot).data), wanted, near(wanted));
				disposeWeight(weight);
			});
		});
	},
	PRODUCT_BACKENDS.filter((backend) => backend in FORMATS),
);
