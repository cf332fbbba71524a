import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TokenizedPair } from '#core/batch/tokenize.ts';
import { bucketOf, packForStep, shapeForStep } from '#train/pack.ts';

const ids = (least: number): fc.Arbitrary<number[]> =>
	fc.array(fc.nat(99), { minLength: least, maxLength: 90 });
const pair: fc.Arbitrary<TokenizedPair> = fc.record({
	id: fc.string(),
	promptIds: ids(0),
	chosenIds: ids(1),
	rejectedIds: ids(1),
	mergedPromptTokens: fc.constant(0),
	truncated: fc.constant(false),
});

test('the shape told beforehand is the shape that is packed', () => {
	fc.assert(
		fc.property(fc.array(pair, { minLength: 1, maxLength: 9 }), (pairs) => {
			const packed = packForStep(pairs);
			expect(shapeForStep(pairs)).toEqual({
				rows: packed.ids.length,
				targets: packed.targets.length,
				segments: packed.segments,
			});
		}),
	);
});

test('sizes are few: at most eight an octave, and an eighth of padding', () => {
	const sizes = new Set<number>();
	for (let count = 256; count < 512; count++) {
		const size = Math.ceil(count / bucketOf(count)) * bucketOf(count);
		sizes.add(size);
		expect(size - count).toBeLessThan(count / 8);
	}
	expect(sizes.size).toBeLessThanOrEqual(9);
});
