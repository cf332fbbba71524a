import { expect, test } from 'vitest';
import { edgeFor } from '#engine/kernels/attention/tiles.ts';

test('attention takes the tallest tiles that fit the device, and none for heads that never do', () => {
	const KIB = 1024;
	const heads = [8, 64, 128, 256, 512].map((size) => size / 4);
	expect(heads.map((D) => edgeFor(D, 48 * KIB))).toEqual([16, 16, 16, 8, null]);
	expect(heads.map((D) => edgeFor(D, 32 * KIB))).toEqual([16, 16, 8, 4, null]);
	expect(heads.map((D) => edgeFor(D, 16 * KIB))).toEqual([16, 8, 4, null, null]);
});
