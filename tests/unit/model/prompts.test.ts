import { expect, test } from 'vitest';
import { packPrompts } from '#model/prompts.ts';

test('prompts lie end to end, each row seeing its own sequence; padding rows see only themselves', () => {
	const packed = packPrompts([[5, 6, 7], [8]], 4);
	expect([...packed.ids]).toEqual([5, 6, 7, 8]);
	expect([...packed.positions]).toEqual([0, 1, 2, 0]);
	expect([...packed.lastRows]).toEqual([2, 3]);
	expect([...packed.layout]).toEqual([0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 3, 4]);
	expect([...packed.cached.rows]).toEqual([0, 1, 2, 3]);
	expect([...packed.cached.positions]).toEqual([0, 1, 2, 0]);
	expect([...packed.cached.sequences]).toEqual([0, 0, 0, 1]);
	const padded = packPrompts([[9]], 3);
	expect([...padded.cached.rows]).toEqual([0]);
	expect([...padded.layout.subarray(4)]).toEqual([0, 0, 1, 2, 0, 0, 2, 3]);
});

test('what all prompts begin with is laid down once and cached for each; each keeps a row of its own', () => {
	const packed = packPrompts(
		[
			[1, 2, 3, 4],
			[1, 2, 5],
			[1, 2, 3],
		],
		2,
	);
	expect([...packed.ids]).toEqual([1, 2, 3, 4, 5, 3]);
	expect([...packed.positions]).toEqual([0, 1, 2, 3, 2, 2]);
	expect([...packed.lastRows]).toEqual([3, 4, 5]);
	expect([...packed.layout.subarray(0, 8)]).toEqual([0, 0, 0, 6, 0, 0, 0, 6]);
	expect([...packed.layout.subarray(8)]).toEqual([0, 2, 2, 4, 0, 2, 2, 4, 0, 2, 4, 5, 0, 2, 5, 6]);
	expect([...packed.cached.rows]).toEqual([0, 1, 2, 3, 0, 1, 4, 0, 1, 5]);
	expect([...packed.cached.positions]).toEqual([0, 1, 2, 3, 0, 1, 2, 0, 1, 2]);
	expect([...packed.cached.sequences]).toEqual([0, 0, 0, 0, 1, 1, 1, 2, 2, 2]);
	const equal = packPrompts(
		[
			[7, 7],
			[7, 7],
		],
		1,
	);
	expect([...equal.ids]).toEqual([7, 7, 7]);
	expect([...equal.lastRows]).toEqual([1, 2]);
});
