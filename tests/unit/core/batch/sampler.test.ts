import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchAt, epochsAfter } from '#core/batch/sampler.ts';

test('an epoch draws every pair once, whatever the batch size', () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 1, max: 40 }),
			fc.integer({ min: 1, max: 9 }),
			fc.nat(1000),
			(pairs, batchPairs, seed) => {
				const drawn: number[] = [];
				for (let step = 0; step * batchPairs < 2 * pairs; step++)
					drawn.push(...batchAt({ pairs, batchPairs, seed }, step));
				const all = Array.from({ length: pairs }, (_, i) => i);
				const sorted = (list: number[]): number[] => list.sort((a, b) => a - b);
				expect(sorted(drawn.slice(0, pairs))).toEqual(all);
				expect(sorted(drawn.slice(pairs, 2 * pairs))).toEqual(all);
			},
		),
		{ seed: 3, numRuns: 100 },
	);
});

test('a step draws the same pairs however often and in whatever order it is asked', () => {
	const settings = { pairs: 100, batchPairs: 8, seed: 5 };
	const later = batchAt(settings, 40);
	for (let step = 0; step < 40; step++) batchAt(settings, step);
	expect(batchAt(settings, 40)).toEqual(later);
	expect(batchAt({ ...settings, seed: 6 }, 40)).not.toEqual(later);
});

test('epochs have different orders', () => {
	const settings = { pairs: 50, batchPairs: 50, seed: 1 };
	expect(batchAt(settings, 0)).not.toEqual(batchAt(settings, 1));
	expect(epochsAfter({ pairs: 50, batchPairs: 8 }, 25)).toBe(4);
});

test('an empty set cannot be drawn from', () => {
	expect(() => batchAt({ pairs: 0, batchPairs: 8, seed: 1 }, 0)).toThrow(/from 0 pairs/);
});
