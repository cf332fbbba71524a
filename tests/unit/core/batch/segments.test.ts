import { expect, test } from 'vitest';
import {
	CHOSEN,
	countUnpaired,
	examplesOf,
	joinSegments,
	REJECTED,
	segmentAt,
	segmentsOf,
	stepStatistics,
	UNPAIRED,
} from '#core/batch/segments.ts';

const pair = segmentsOf([
	{ label: CHOSEN, partner: 1, length: 4, weight: 1 },
	{ label: REJECTED, partner: 0, length: 7, weight: 1 },
]);
/** The rejected segment of its pair comes first. */
const mixed = segmentsOf([
	{ label: REJECTED, partner: UNPAIRED, length: 5, weight: 0.5 },
	{ label: REJECTED, partner: 2, length: 3, weight: 1 },
	{ label: CHOSEN, partner: 1, length: 8, weight: 1 },
	{ label: CHOSEN, partner: UNPAIRED, length: 3, weight: 2 },
]);

test('examples are listed at the first of their segments, with what each has of the two sides', () => {
	expect(examplesOf(pair)).toEqual([{ chosen: 0, rejected: 1 }]);
	expect(examplesOf(mixed)).toEqual([
		{ chosen: null, rejected: 0 },
		{ chosen: 2, rejected: 1 },
		{ chosen: 3, rejected: null },
	]);
	expect([pair, mixed].map(countUnpaired)).toEqual([0, 2]);
});

test('joined micro-batches keep who belongs to whom', () => {
	const joined = joinSegments([pair, mixed, pair]);
	expect([...joined.partners]).toEqual([1, 0, UNPAIRED, 4, 3, UNPAIRED, 7, 6]);
	expect(segmentAt(joined, 5)).toEqual({ label: CHOSEN, partner: UNPAIRED, length: 3, weight: 2 });
	expect(joined.count).toBe(8);
});

test('the mean chosen length is over all chosen segments of all micro-batches', () => {
	expect(stepStatistics([pair, mixed])).toEqual({ mean_len_w: (4 + 8 + 3) / 3 });
	expect(stepStatistics([segmentsOf([segmentAt(mixed, 0)])])).toEqual({ mean_len_w: NaN });
});
