import { expect, test } from 'vitest';
import { edgeFor, groupsFor, holders, pairing, threadsOf } from '#engine/kernels/attention/tileSizes.ts';

const limits = (kib: number, threads = 1024) => ({ bytes: 1024 * kib, threads });

test('attention takes the tallest tiles that fit the device, and none for heads that never do', () => {
	const heads = [8, 64, 128, 256, 512].map((size) => size / 4);
	expect(heads.map((D) => edgeFor(D, limits(48)))).toEqual([16, 16, 16, 8, null]);
	expect(heads.map((D) => edgeFor(D, limits(32)))).toEqual([16, 16, 8, 4, null]);
	expect(heads.map((D) => edgeFor(D, limits(16)))).toEqual([16, 8, 4, null, null]);
	expect(heads.map((D) => edgeFor(D, limits(48, 64)))).toEqual([16, 16, 8, 8, null]);
});

test('as many groups of threads share keys as the device has room for, and never more than gain', () => {
	expect([48, 32, 20, 16].map((kib) => groupsFor(16, 16, limits(kib)))).toEqual([3, 2, 1, 0]);
	expect([1024, 128, 64, 32].map((threads) => groupsFor(16, 16, limits(48, threads)))).toEqual([3, 2, 1, 0]);
	expect(groupsFor(2, 16, limits(48))).toBe(3);
});

test.each([
	{ D: 2, E: 16 },
	{ D: 16, E: 16 },
	{ D: 16, E: 16, wide: true },
	{ D: 32, E: 16 },
	{ D: 32, E: 8 },
	{ D: 64, E: 4 },
] as const)('threads take every pair and every channel of a tile: %o', (tile) => {
	const { D, E } = tile;
	const { own, others, beside } = pairing(tile);
	const threads = threadsOf(tile);
	const rows = Array.from({ length: own }, (_, n) => n * (E / own) + threads / beside);
	expect(rows, 'an owner’s rows end where the next one’s begin').toEqual(
		rows.map((_, n) => (n + 1) * (E / own)),
	);
	expect(others * beside).toBeGreaterThanOrEqual(E);
	const { across, each } = holders(tile);
	expect(across * D).toBeLessThanOrEqual(threads);
	expect(across * each).toBeGreaterThanOrEqual(E);
});
