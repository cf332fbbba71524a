import { expect, test } from 'vitest';
import {
	linearGradReference,
	linearReference,
	type LoraReference,
} from '#engine/kernels/linear/linear.reference.ts';
import { linear, linearGrad } from '#engine/kernels/linear/linear.ts';
import { paddedRank, type LoraSlot } from '#engine/kernels/linear/lora.ts';
import { f32Weight } from '#engine/weight.ts';
import { expectAllclose, largest } from '#tests/support/allclose.ts';
import { f32, f32Vector, onEachBackend, PRODUCT_BACKENDS, take, weightOn } from '#tests/support/backends.ts';
import { centralDifference, dotProduct, normals, someIndices } from '#tests/support/tensors.ts';

interface Case {
	name: string;
	T: number;
	K: number;
	N: number;
	rank: number;
	blocks: LoraSlot['blocks'];
}

const block = (rowStart: number, rowEnd: number, aRow: number) => ({ rowStart, rowEnd, aRow });

// Row counts around a tile of 16 and a prime; fused projections with all, some and one block; a block whose
// end is no multiple of the tile's width.
const CASES: readonly Case[] = [
	{ name: 'one row, one quad', T: 1, K: 4, N: 4, rank: 4, blocks: [block(0, 4, 0)] },
	{ name: 'four rows, a low tile', T: 4, K: 8, N: 36, rank: 4, blocks: [block(0, 36, 0)] },
	{ name: 'rows below a tile', T: 15, K: 12, N: 20, rank: 4, blocks: [block(4, 16, 0)] },
	{ name: 'one tile', T: 16, K: 16, N: 64, rank: 8, blocks: [block(0, 64, 0)] },
	{
		name: 'qkv, all three',
		T: 17,
		K: 32,
		N: 64,
		rank: 8,
		blocks: [block(0, 32, 0), block(32, 48, 8), block(48, 64, 16)],
	},
	{ name: 'qkv, q and v', T: 67, K: 64, N: 128, rank: 16, blocks: [block(0, 64, 0), block(96, 128, 16)] },
	{
		name: 'gate and up',
		T: 131,
		K: 128,
		N: 344,
		rank: 12,
		blocks: [block(0, 172, 0), block(172, 344, 12)],
	},
];

function inputsOf({ T, K, N, rank, blocks }: Case) {
	const covered = blocks.reduce((sum, { rowStart, rowEnd }) => sum + rowEnd - rowStart, 0);
	const lora: LoraReference & { a: Float64Array; b: Float64Array } = {
		a: normals(blocks.length * rank * K, 11, 0.3),
		b: normals(covered * rank, 12, 0.3),
		rank,
		scaling: 2,
		blocks,
	};
	return {
		x: normals(T * K, 13),
		w: normals(N * K, 14, 1 / Math.sqrt(K)),
		bias: normals(N, 15),
		residual: normals(T * N, 16),
		dy: normals(T * N, 17),
		lora,
	};
}

/** A and B in one flat tensor, with gaps before, between and after, which must not change. */
function slotOf(lora: LoraReference & { a: Float64Array; b: Float64Array }) {
	const aOffset = 64;
	const bOffset = aOffset + Math.ceil(lora.a.length / 64) * 64 + 64;
	const flat = new Float64Array(bOffset + Math.ceil(lora.b.length / 64) * 64).fill(0.5);
	flat.set(lora.a, aOffset);
	flat.set(lora.b, bOffset);
	const { rank, scaling, blocks } = lora;
	const slot: LoraSlot = { params: f32Vector(flat), aOffset, bOffset, rank, scaling, blocks };
	return { slot, size: flat.length };
}

onEachBackend(
	'linear',
	(backend) => {
		test.each(CASES)('forward equals the reference: $name', async (sizes) => {
			const { T, K, N } = sizes;
			const { x, w: wide, bias, residual, lora } = inputsOf(sizes);
			const { weight, values: w } = weightOn(backend, wide, N, K);
			const xs = f32(x, T, K);
			const { slot } = slotOf(lora);
			const plain = linear(xs, weight);
			expect(plain.xa).toBeNull();
			expectAllclose(await take(plain.y), linearReference(x, w, sizes).y, {}, 'y');
			const full = linear(xs, weight, { bias: f32Vector(bias), residual: f32(residual, T, N), lora: slot });
			const wanted = linearReference(x, w, sizes, { bias, residual, lora });
			const atol = 2e-6 * largest(wanted.y);
			expectAllclose(await take(full.y), wanted.y, { atol }, 'y with everything');
			expectAllclose(await take(full.xa), wanted.xa, { atol }, 'xa');
		});

		test.each(CASES)('gradients equal the reference: $name', async (sizes) => {
			const { T, K, N } = sizes;
			const { x, w: wide, bias, residual, dy, lora } = inputsOf(sizes);
			const { weight, values: w } = weightOn(backend, wide, N, K);
			const [xs, dys] = [f32(x, T, K), f32(dy, T, N)];
			const { slot, size } = slotOf(lora);
			const wanted = linearGradReference(dy, x, w, sizes, lora);
			const frozen = linearGradReference(dy, x, w, sizes);
			expectAllclose(
				await take(linearGrad(dys, xs, weight)),
				frozen.dx,
				{ atol: 2e-6 * largest(frozen.dx) },
				'dx',
			);
			// With the program that the forward test compiled: xa knows nothing of bias and residual.
			const full = linear(xs, weight, { bias: f32Vector(bias), residual: f32(residual, T, N), lora: slot });
			const grads = f32Vector(new Float64Array(size).fill(0.25));
			const options = { lora: slot, xa: full.xa ?? undefined, grads };
			const dx = linearGrad(dys, xs, weight, options);
			expectAllclose(await take(dx), wanted.dx, { atol: 2e-6 * largest(wanted.dx) }, 'dx with LoRA');
			expect(linearGrad(dys, xs, weight, { ...options, needDx: false })).toBeNull();
			// Two passes accumulate; the gaps around the slots are not changed.
			const flat = new Float64Array(size).fill(0.25);
			wanted.dA.forEach((value, i) => (flat[slot.aOffset + i] = 0.25 + 2 * value));
			wanted.dB.forEach((value, i) => (flat[slot.bOffset + i] = 0.25 + 2 * value));
			expectAllclose(await take(grads), flat, { atol: 4e-6 * largest(flat) }, 'grads');
		});

		test('a slot that does not fit is refused', () => {
			const weight = f32Weight(f32(normals(64, 1), 8, 8));
			const params = f32Vector(new Float64Array(256));
			const slot = { params, aOffset: 0, bOffset: 64, rank: 3, scaling: 1, blocks: [block(0, 8, 0)] };
			expect(() => linear(f32(normals(8, 2), 1, 8), weight, { lora: slot })).toThrow('multiple of 4');
			expect(paddedRank(3)).toBe(4);
		});
	},
	// Tiles of 64 run with f16 weights: the formats differ only in how a program reads a quad, and 32 and 128 read f32.
	PRODUCT_BACKENDS.filter((backend) => backend !== 'webgpu-shared64'),
);

test('the reference gradients equal central differences', () => {
	const sizes: Case = { name: '', T: 3, K: 8, N: 12, rank: 4, blocks: [block(0, 4, 0), block(8, 12, 4)] };
	const { x, w, dy, lora } = inputsOf(sizes);
	const loss = (): number => dotProduct(linearReference(x, w, sizes, { lora }).y, dy);
	const { dx, dA, dB } = linearGradReference(dy, x, w, sizes, lora);
	for (const i of someIndices(x.length)) expect(dx[i]).toBeCloseTo(centralDifference(loss, x, i), 6);
	for (const i of someIndices(dA.length)) expect(dA[i]).toBeCloseTo(centralDifference(loss, lora.a, i), 6);
	for (const i of someIndices(dB.length)) expect(dB[i]).toBeCloseTo(centralDifference(loss, lora.b, i), 6);
});
