import { expect, test } from 'vitest';
import { linear } from '#engine/kernels/linear/linear.ts';
import type { LoraSlot } from '#engine/kernels/linear/lora.ts';
import { mergeLoraReference } from '#engine/kernels/mergeLora/mergeLora.reference.ts';
import { mergeLora } from '#engine/kernels/mergeLora/mergeLora.ts';
import { readIntsNow, readNow } from '#engine/memory.ts';
import { f32Weight, type Weight } from '#engine/weight.ts';
import { expectAllclose, largest } from '#tests/support/allclose.ts';
import { f32, f32Vector, onEachBackend, take, WEIGHT_BACKENDS, weightOn } from '#tests/support/backends.ts';
import { normals } from '#tests/support/tensors.ts';

const block = (rowStart: number, rowEnd: number, aRow: number) => ({ rowStart, rowEnd, aRow });

/** A copy of a weight's stored numbers. */
const snapshot = ({ kind, data }: Weight): Promise<Float32Array | Int32Array> =>
	kind === 'f16' ? readIntsNow(data) : readNow(data);

const CASES = [
	{ name: 'one quad', K: 4, N: 4, rank: 4, blocks: [block(0, 4, 0)] },
	{ name: 'rows without a block around one', K: 36, N: 20, rank: 8, blocks: [block(4, 16, 0)] },
	{
		name: 'qkv, all three',
		K: 128,
		N: 64,
		rank: 8,
		blocks: [block(0, 32, 0), block(32, 48, 8), block(48, 64, 16)],
	},
	{ name: 'q and v', K: 132, N: 128, rank: 16, blocks: [block(0, 64, 0), block(96, 128, 16)] },
];

onEachBackend(
	'mergeLora',
	(backend) => {
		test.each(CASES)('equals the reference: $name', async ({ K, N, rank, blocks }) => {
			const covered = blocks.reduce((sum, { rowStart, rowEnd }) => sum + rowEnd - rowStart, 0);
			const [a, b] = [normals(blocks.length * rank * K, 1, 0.3), normals(covered * rank, 2, 0.3)];
			const x = normals(3 * K, 4);
			const { weight, values: w } = weightOn(backend, normals(N * K, 3, 0.2), N, K);
			const flat = new Float64Array(64 + a.length + 64 + b.length).fill(0.5);
			flat.set(a, 64);
			flat.set(b, 128 + a.length);
			const offsets = { aOffset: 64, bOffset: 128 + a.length };
			const slot: LoraSlot = { params: f32Vector(flat), ...offsets, rank, scaling: 2, blocks };
			const kept = await snapshot(weight);
			const merged = mergeLora(weight, slot);
			const wanted = mergeLoraReference(w, { N, K }, { a, b, rank, scaling: 2, blocks });
			// The merged weight must give the result of the weight with a separate adapter.
			const [beside, within] = [
				linear(f32(x, 3, K), weight, { lora: slot }).y,
				linear(f32(x, 3, K), merged).y,
			];
			const besides = await take(beside);
			expectAllclose(await take(within), besides, { atol: 4e-6 * largest(besides) }, 'product');
			expectAllclose(await take(merged.data), wanted, { atol: 1e-6 * largest(wanted) }, 'weights');
			expectAllclose(await snapshot(weight), kept, { atol: 0, rtol: 0 }, 'the weight itself');
		});

		test('a slot that does not fit is refused', () => {
			const weight = f32Weight(f32(normals(64, 1), 8, 8));
			const slot = { params: f32Vector(new Float64Array(256)), aOffset: 0, bOffset: 64, rank: 4, scaling: 1 };
			expect(() => mergeLora(weight, { ...slot, blocks: [block(0, 12, 0)] })).toThrow('rows 0..12 of 8');
		});
	},
	WEIGHT_BACKENDS,
);
