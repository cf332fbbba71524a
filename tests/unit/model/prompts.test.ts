import { expect, test } from 'vitest';
import { packPrompts } from '#model/prompts.ts';

test('prompts lie end to end, each row seeing its own sequence; padding rows see only themselves', () => {
	const packed = packPrompts([[5, 6, 7], [8]], 4);
	expect([...packed.ids]).toEqual([5, 6, 7, 8]);
	expect([...packed.positions]).toEqual([0, 1, 2, 0]);
	expect([...packed.sequences]).toEqual([0, 0, 0, 1]);
	expect([...packed.lastRows]).toEqual([2, 3]);
	expect([...packed.layout]).toEqual([0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 3, 3, 3, 3, 4]);
	const padded = packPrompts([[9]], 3);
	expect([...padded.sequences]).toEqual([0, -1, -1]);
	expect([...padded.layout.subarray(4)]).toEqual([0, 0, 1, 2, 0, 0, 2, 3]);
});
