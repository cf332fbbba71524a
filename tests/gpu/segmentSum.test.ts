import { expect, test } from 'vitest';
import {
	segmentGatherReference,
	segmentSumReference,
} from '#engine/kernels/segmentSum/segmentSum.reference.ts';
import { segmentGather, segmentSum } from '#engine/kernels/segmentSum/segmentSum.ts';
import { expectAllclose } from '#tests/support/allclose.ts';
import { f32Vector, i32, onEachBackend, take } from '#tests/support/backends.ts';
import { dotProduct, integers, normals } from '#tests/support/tensors.ts';

const SIZES = [
	[1, 1],
	[63, 5],
	[64, 64],
	[65, 65],
	[1031, 17],
] as const;

onEachBackend('segmentSum', () => {
	test.each(SIZES)('%i values into %i segments, some in none', async (N, count) => {
		const values = normals(N, 41);
		const segment = integers(N, count + 1, 42).map((s) => s - 1);
		expectAllclose(
			await take(segmentSum(f32Vector(values), i32(segment), count)),
			segmentSumReference(values, segment, count),
			{ atol: 1e-4 },
		);
		const dsums = normals(count, 43);
		expectAllclose(
			await take(segmentGather(f32Vector(dsums), i32(segment))),
			segmentGatherReference(dsums, segment),
		);
	});
});

test('gather is the transpose of sum: ⟨sum(x), y⟩ = ⟨x, gather(y)⟩, which is what a gradient must be', () => {
	const [values, dsums] = [normals(100, 44), normals(7, 45)];
	const segment = integers(100, 8, 46).map((s) => s - 1);
	expect(dotProduct(segmentSumReference(values, segment, 7), dsums)).toBeCloseTo(
		dotProduct(values, segmentGatherReference(dsums, segment)),
		10,
	);
});
