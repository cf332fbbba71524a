import { describe, expect, test } from 'vitest';
import { gridTable } from '#core/grid/table/table.ts';
import { changeScale, entryWords, placeName } from '#ui/grid/results/entries.ts';
import { neighbour } from '#ui/grid/results/tableKeys.ts';
import { measuredGrid } from '#tests/support/gridOutcomes.ts';

const table = gridTable(
	measuredGrid(
		{ vary: { objective: ['apo_zero', 'dpo'], data: ['clair', 'stronger_preferred'], seed: [1, 2] } },
		(cell, seed) => {
			if (cell === 'dpo, clair') return seed === 1 ? -0.4 : null;
			return cell === 'dpo, stronger_preferred' ? null : 0.5;
		},
	),
);
const entries = table.rows.flatMap((row) => row.entries);

describe('the keys of a results table', () => {
	const shape = { rows: 2, columns: 3 };
	test.each([
		['ArrowRight', '0:0', '0:1'],
		['ArrowRight', '0:2', '0:2'],
		['ArrowDown', '0:1', '1:1'],
		['ArrowUp', '0:1', '0:1'],
		['Home', '1:2', '1:0'],
		['End', '1:0', '1:2'],
		['Enter', '1:0', null],
		['toString', '1:0', null],
	])('%s from %s leads to %s', (key, from, to) => {
		expect(neighbour(key, from, shape)).toBe(to);
	});
});

test('a place has the names of its row and its column', () => {
	expect(placeName(table, entries[1]!)).toBe('CLAIR, DPO');
});

test('an entry in words has its place, its result and its marks', () => {
	expect(entries.map((entry) => entryWords(table, entry))).toEqual([
		'CLAIR, APO-zero: +0.500, +0.500 to +0.500, no clear difference from the largest',
		'CLAIR, DPO: −0.400, −0.400 to −0.400, 1 of 2 runs',
		'stronger preferred, APO-zero: +0.500, +0.500 to +0.500, no clear difference from the largest',
		'stronger preferred, DPO: no result yet, 0 of 2 runs',
	]);
});

test('all entries share an axis with 0, with room at both ends', () => {
	const place = changeScale(entries);
	expect(place(-0.4)).toBe('3%');
	expect(place(0.5)).toBe('97%');
	expect(Number.parseFloat(place(0))).toBeCloseTo(3 + (94 * 0.4) / 0.9, 6);
	expect(changeScale([])(0)).toBe('50%');
});
