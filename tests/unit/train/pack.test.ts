import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TokenizedCompletion, TokenizedPair } from '#core/batch/tokenize.ts';
import { bucketOf, packForStep, shapeForStep } from '#train/pack.ts';

const ids = (least: number): fc.Arbitrary<number[]> =>
	fc.array(fc.nat(99), { minLength: least, maxLength: 90 });
const pair: fc.Arbitrary<TokenizedPair> = fc.record({
	id: fc.string(),
	promptIds: ids(0),
	chosenIds: ids(1),
	rejectedIds: ids(1),
	truncated: fc.constant(false),
});
const completion: fc.Arbitrary<TokenizedCompletion> = fc.record({
	id: fc.string(),
	promptIds: ids(0),
	completionIds: ids(1),
	label: fc.boolean(),
	truncated: fc.constant(false),
});

test('the shape told beforehand is the shape that is packed', () => {
	fc.assert(
		fc.property(fc.array(fc.oneof(pair, completion), { minLength: 1, maxLength: 9 }), (examples) => {
			const packed = packForStep(examples);
			expect(shapeForStep(examples)).toEqual({
				rows: packed.ids.length,
				targets: packed.targets.length,
				segments: packed.segments.count,
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
