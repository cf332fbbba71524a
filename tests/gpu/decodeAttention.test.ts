import { expect, test } from 'vitest';
import { attentionReference } from '#engine/kernels/attention/attention.reference.ts';
import { attention } from '#engine/kernels/attention/attention.ts';
import { ropeTable } from '#engine/kernels/attention/rope.ts';
import { decodeAttentionReference } from '#engine/kernels/decodeAttention/decodeAttention.reference.ts';
import {
	createKvCache,
	decodeAttention,
	writeCache,
} from '#engine/kernels/decodeAttention/decodeAttention.ts';
import { tensor2d } from '#engine/tensor.ts';
import { expectAllclose } from '#tests/support/allclose.ts';
import { f32, i32, onEachBackend, take } from '#tests/support/backends.ts';
import { normals } from '#tests/support/tensors.ts';

/** The scale is that of heads of 10, padded. */
const SIZES = { heads: 6, kvHeads: 2, headSize: 16, scale: 10 ** -0.5 } as const;
const WIDTH = (6 + 2 * 2) * 16;
const CAPACITY = 13;
const FREQUENCIES = Float64Array.from({ length: 8 }, (_, i) => 10_000 ** (-i / 8));

/** The numbers of the table that ropeTable() makes. */
const ROPE = Float64Array.from({ length: CAPACITY * 16 }, (_, i) => {
	const angle = Math.floor(i / 16) * (FREQUENCIES[i % 8] ?? 0);
	return Math.fround(i % 16 < 8 ? Math.cos(angle) : Math.sin(angle));
});

onEachBackend('decodeAttention', () => {
	test('steps after a packed prefill equal the reference; sequences that are done are left alone', async () => {
		// Two prompts of 3 and 5 rows and a padding row, packed; sequence 2 of the cache stays empty.
		const prompts = { positions: [0, 1, 2, 0, 1, 2, 3, 4, 0], sequences: [0, 0, 0, 1, 1, 1, 1, 1, -1] };
		const layout = [
			...[0, 1, 2].flatMap(() => [0, 0, 0, 3]),
			...[0, 1, 2, 3, 4].flatMap(() => [0, 0, 3, 8]),
			...[0, 0, 8, 9],
		];
		const config = { ...SIZES, rope: ropeTable(FREQUENCIES, CAPACITY) };
		const cache = createKvCache(3, CAPACITY, config);
		const qkv = normals(9 * WIDTH, 81);
		const saved = attention(
			f32(qkv, 9, WIDTH),
			i32(prompts.positions),
			tensor2d(Int32Array.from(layout), [9, 4], 'int32'),
			config,
		);
		const written = [0, 1, 2, 3, 4, 5, 6, 7];
		const rows = { rows: i32(written), positions: i32(prompts.positions.slice(0, 8)) };
		writeCache(saved.rotated, { ...rows, sequences: i32(prompts.sequences.slice(0, 8)) }, cache, config);

		const { rotated } = attentionReference({ qkv, positions: prompts.positions, layout, rope: ROPE }, SIZES);
		const [k, v] = [new Float64Array(3 * CAPACITY * 32), new Float64Array(3 * CAPACITY * 32)];
		prompts.sequences.forEach((sequence, t) => {
			if (sequence < 0) return;
			const slot = (sequence * CAPACITY + (prompts.positions[t] ?? 0)) * 32;
			k.set(rotated.subarray(t * WIDTH + 96, t * WIDTH + 128), slot);
			v.set(rotated.subarray(t * WIDTH + 128, t * WIDTH + 160), slot);
		});
		for (let step = 0; step < 3; step++) {
			const rows = normals(2 * WIDTH, 90 + step);
			const [positions, sequences] = [
				[3 + step, 5 + step],
				[0, 1],
			];
			const wanted = decodeAttentionReference(
				{ qkv: rows, positions, sequences, rope: ROPE, k, v, capacity: CAPACITY },
				SIZES,
			);
			// A row without a sequence and a row beyond the capacity write nothing to the cache and output zeros.
			const padded = f32([...rows, ...rows], 4, WIDTH);
			const o = await take(
				decodeAttention(padded, i32([...positions, 0, CAPACITY]), i32([...sequences, -1, 1]), cache, config),
			);
			expectAllclose(o.subarray(0, wanted.length), wanted, {}, `step ${step}`);
			expect(o.subarray(wanted.length).every((value) => value === 0)).toBe(true);
		}
		expectAllclose(await take(cache.k), k, {}, 'keys');
		expectAllclose(await take(cache.v), v, {}, 'values');
	});

	test('a row that sequences share is written to each of them', async () => {
		const config = { ...SIZES, rope: ropeTable(FREQUENCIES, CAPACITY) };
		const cache = createKvCache(2, CAPACITY, config);
		const rotated = normals(3 * WIDTH, 95);
		const from = { rows: i32([0, 1, 0, 2]), positions: i32([0, 1, 0, 1]), sequences: i32([0, 0, 1, 1]) };
		writeCache(f32(rotated, 3, WIDTH), from, cache, config);
		const k = new Float64Array(2 * CAPACITY * 32);
		for (const [row, slot] of [
			[0, 0],
			[1, 1],
			[0, CAPACITY],
			[2, CAPACITY + 1],
		] as const) {
			k.set(rotated.subarray(row * WIDTH + 96, row * WIDTH + 128), slot * 32);
		}
		expectAllclose(await take(cache.k), k, { atol: 0, rtol: 0 });
	});
});
