import { test } from 'vitest';
import { embeddingReference } from '#engine/kernels/embedding/embedding.reference.ts';
import { embedding } from '#engine/kernels/embedding/embedding.ts';
import { expectAllclose } from '#tests/support/allclose.ts';
import { i32, onEachBackend, take, WEIGHT_BACKENDS, weightOn } from '#tests/support/backends.ts';
import { integers, normals } from '#tests/support/tensors.ts';

const SIZES = [
	[1, 1, 4],
	[31, 7, 124],
	[32, 64, 128],
	[33, 263, 132],
] as const;

onEachBackend(
	'embedding',
	(backend) => {
		test.each(SIZES)('%i tokens of a vocabulary of %i, %i channels', async (T, V, C) => {
			const { weight, values } = weightOn(backend, normals(V * C, 71), V, C);
			const ids = integers(T, V, 72);
			expectAllclose(await take(embedding(weight, i32(ids))), embeddingReference(values, ids, C), {
				atol: 0,
				rtol: 0,
			});
		});
	},
	WEIGHT_BACKENDS,
);
