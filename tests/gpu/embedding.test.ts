import { test } from 'vitest';
import { embeddingReference } from '#engine/kernels/embedding/embedding.reference.ts';
import { embedding } from '#engine/kernels/embedding/embedding.ts';
import { f32Weight } from '#engine/weight.ts';
import { expectAllclose } from '#tests/support/allclose.ts';
import { f32, i32, onEachBackend, take } from '#tests/support/backends.ts';
import { integers, normals } from '#tests/support/tensors.ts';

const SIZES = [
	[1, 1, 4],
	[31, 7, 124],
	[32, 64, 128],
	[33, 263, 132],
] as const;

onEachBackend('embedding', () => {
	test.each(SIZES)('%i tokens of a vocabulary of %i, %i channels', async (T, V, C) => {
		const [table, ids] = [normals(V * C, 71), integers(T, V, 72)];
		expectAllclose(
			await take(embedding(f32Weight(f32(table, V, C)), i32(ids))),
			embeddingReference(table, ids, C),
			{ atol: 0, rtol: 0 },
		);
	});
});
