import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LAYOUT_WIDTH, type PackedBatch, packBatch } from '#core/batch/pack.ts';
import { CHOSEN, NO_SEGMENT, REJECTED, UNPAIRED } from '#core/batch/segments.ts';
import type { TokenizedCompletion, TokenizedPair } from '#core/batch/tokenize.ts';
import { at } from '#core/math/at.ts';

function pair(promptIds: number[], chosenIds: number[], rejectedIds: number[]): TokenizedPair {
	return { id: 'p', promptIds, chosenIds, rejectedIds, truncated: false };
}

function completion(promptIds: number[], completionIds: number[], label: boolean): TokenizedCompletion {
	return { id: 'c', promptIds, completionIds, label, truncated: false };
}

const layoutOf = (batch: PackedBatch, row: number): number[] =>
	Array.from(batch.layout.slice(row * LAYOUT_WIDTH, (row + 1) * LAYOUT_WIDTH));

/** Keys of a row by the definition of the layout, as `position:id` in the order of attention. */
function seen(batch: PackedBatch, row: number): string[] {
	const [prefixStart = 0, prefixEnd = 0, ownStart = 0] = layoutOf(batch, row);
	const keys: number[] = [];
	for (let j = prefixStart; j < prefixEnd; j++) keys.push(j);
	for (let j = ownStart; j <= row; j++) keys.push(j);
	return keys.map((j) => `${at(batch.positions, j)}:${at(batch.ids, j)}`);
}

const ids = (min: number): fc.Arbitrary<number[]> =>
	fc.array(fc.integer({ min: 1, max: 500 }), { minLength: min, maxLength: 12 });
const pairs = fc.array(
	fc
		.record({ prompt: ids(0), chosen: ids(1), rejected: ids(1) })
		.map((p) => pair(p.prompt, p.chosen, p.rejected)),
	{ minLength: 1, maxLength: 5 },
);

test('the worked example of the docs', () => {
	const batch = packBatch([pair([1, 2], [3, 4, 5], [6, 7])], { rowBucket: 1, targetBucket: 1 });
	expect([...batch.ids]).toEqual([1, 2, 3, 4, 6]);
	expect([...batch.positions]).toEqual([0, 1, 2, 3, 2]);
	expect([...batch.rows]).toEqual([1, 2, 3, 1, 4]);
	expect([...batch.targets]).toEqual([3, 4, 5, 6, 7]);
	expect([...batch.segment]).toEqual([0, 0, 0, 1, 1]);
	expect([0, 1, 2, 3, 4].map((row) => layoutOf(batch, row))).toEqual([
		[0, 0, 0, 5],
		[0, 0, 0, 5],
		[0, 2, 2, 4],
		[0, 2, 2, 4],
		[0, 2, 4, 5],
	]);
	expect(batch.numTokens).toBe(9);
	expect(batch.segments).toEqual({
		count: 2,
		labels: Int32Array.of(CHOSEN, REJECTED),
		partners: Int32Array.of(1, 0),
		lengths: Int32Array.of(3, 2),
		weights: Float32Array.of(1, 1),
	});
});

describe.each([true, false])('any batch, prompt shared: %s', (sharePrompt) => {
	test('predicts every completion token from exactly the tokens before it', () => {
		fc.assert(
			fc.property(pairs, (list) => {
				const batch = packBatch(list, { sharePrompt });
				const found = new Map<number, string[]>();
				for (let n = 0; n < batch.predicted; n++) {
					const line = `${seen(batch, at(batch.rows, n)).join(' ')} -> ${at(batch.targets, n)}`;
					const segment = at(batch.segment, n);
					found.set(segment, [...(found.get(segment) ?? []), line]);
				}
				for (const [i, { promptIds, chosenIds, rejectedIds }] of list.entries()) {
					for (const [side, completion] of [chosenIds, rejectedIds].entries()) {
						const whole = [...promptIds, ...completion];
						const expected = completion
							.map((id, k) => {
								const before = whole.slice(0, promptIds.length + k);
								return `${before.map((key, position) => `${position}:${key}`).join(' ')} -> ${id}`;
							})
							.filter((line) => !line.startsWith(' '));
						expect(found.get(2 * i + side) ?? []).toEqual(expected);
						expect(batch.segments.lengths[2 * i + side]).toBe(expected.length);
					}
				}
			}),
			{ seed: 7, numRuns: 100 },
		);
	});

	test('queryEnd says exactly which rows see a key', () => {
		fc.assert(
			fc.property(pairs, (list) => {
				const batch = packBatch(list, { sharePrompt });
				const rows = batch.ids.length;
				const wrong: string[] = [];
				for (let key = 0; key < rows; key++) {
					const queryEnd = at(batch.layout, key * LAYOUT_WIDTH + 3);
					for (let row = 0; row < rows; row++) {
						const [prefixStart = 0, prefixEnd = 0, ownStart = 0] = layoutOf(batch, row);
						const sees = (key >= prefixStart && key < prefixEnd) || (key >= ownStart && key <= row);
						const claimed = row >= key && row < queryEnd;
						if (sees !== claimed) wrong.push(`row ${row} key ${key}`);
					}
				}
				expect(wrong).toEqual([]);
			}),
			{ seed: 8, numRuns: 60 },
		);
	});

	test('pads to buckets with rows that see only themselves and targets of no segment', () => {
		const batch = packBatch([pair([1, 2], [3, 4, 5], [6, 7])], {
			sharePrompt,
			rowBucket: 16,
			targetBucket: 8,
		});
		expect(batch.ids.length).toBe(16);
		expect(batch.targets.length).toBe(8);
		for (let row = batch.tokens; row < 16; row++) expect(layoutOf(batch, row)).toEqual([0, 0, row, row + 1]);
		expect([...batch.segment.slice(batch.predicted)]).toEqual([NO_SEGMENT, NO_SEGMENT, NO_SEGMENT]);
	});
});

test('sharing the prompt saves its second copy and nothing else', () => {
	const list = [pair([1, 2, 3], [4, 5], [6, 7, 8])];
	expect(packBatch(list).tokens).toBe(3 + 1 + 2);
	expect(packBatch(list, { sharePrompt: false }).tokens).toBe(6 + 1 + 2);
	expect(packBatch(list).numTokens).toBe(packBatch(list, { sharePrompt: false }).numTokens);
});

describe('unpaired examples', () => {
	const good = completion([1, 2], [3, 4, 5], true);
	const bad = completion([6], [7, 8], false);

	test('are a prompt and one side each, a segment without a partner', () => {
		const batch = packBatch([good, bad], { rowBucket: 1, targetBucket: 1 });
		expect([...batch.ids]).toEqual([1, 2, 3, 4, 6, 7]);
		expect([...batch.rows]).toEqual([1, 2, 3, 4, 5]);
		expect([...batch.targets]).toEqual([3, 4, 5, 7, 8]);
		expect([...batch.segment]).toEqual([0, 0, 0, 1, 1]);
		expect([2, 3, 4, 5].map((row) => layoutOf(batch, row))).toEqual([
			[0, 2, 2, 4],
			[0, 2, 2, 4],
			[4, 4, 4, 6],
			[4, 5, 5, 6],
		]);
		expect(batch.numTokens).toBe(8);
		expect(batch.segments).toEqual({
			count: 2,
			labels: Int32Array.of(CHOSEN, REJECTED),
			partners: Int32Array.of(UNPAIRED, UNPAIRED),
			lengths: Int32Array.of(3, 2),
			weights: Float32Array.of(1, 1),
		});
	});

	test('lie beside pairs, whose partners follow their place', () => {
		const { segments } = packBatch([good, { ...pair([1], [2], [3, 4]), weight: 0.5 }, { ...bad, weight: 2 }]);
		expect([...segments.labels]).toEqual([CHOSEN, CHOSEN, REJECTED, REJECTED]);
		expect([...segments.partners]).toEqual([UNPAIRED, 2, 1, UNPAIRED]);
		expect([...segments.lengths]).toEqual([3, 1, 2, 2]);
		expect([...segments.weights]).toEqual([1, 0.5, 0.5, 2]);
	});

	test('predict what the same sides of a pair predict', () => {
		const [prompt, chosen, rejected] = [
			[1, 2],
			[3, 4, 5],
			[6, 7],
		] as const;
		const both = packBatch([pair([...prompt], [...chosen], [...rejected])], { sharePrompt: false });
		const apart = packBatch([
			completion([...prompt], [...chosen], true),
			completion([...prompt], [...rejected], false),
		]);
		expect({ ...apart, segments: both.segments }).toEqual(both);
	});
});
