import { describe, expect, test } from 'vitest';
import { gridCells } from '#core/grid/cells.ts';
import { withClone, withMoreSeeds } from '#core/grid/change.ts';
import { readGrid } from '#core/grid/grid.ts';
import { gridJson } from '#core/grid/json.ts';
import { gridRuns } from '#core/grid/runs.ts';
import { readStoredGrid, readStoredOutcome, storedGridText } from '#core/grid/stored.ts';

const GRID = readGrid({
	schema: 1,
	name: 'Losses',
	cells: { zero: {}, tuned: { begin: 'zero', objective: 'dpo' } },
	vary: { rank: [4, 8], seed: [1, 2] },
	compare: [['zero, rank 4', 'zero, rank 8']],
});
const keysOf = (grid: typeof GRID): string[] => gridRuns(grid).map(({ key }) => key);
const identities = (grid: typeof GRID) => new Map(gridRuns(grid).map(({ key, identity }) => [key, identity]));

describe('a copy of a cell', () => {
	test('differs in one setting, comes last, and leaves the other runs as they are', () => {
		const grid = withClone(GRID, 'zero, rank 8', { path: 'beta', value: 0.2 });
		const last = gridCells(grid).at(-1)!;
		expect(last.name).toBe('zero, rank 8, beta 0.2');
		expect(last.recipe.lora.rank).toBe(8);
		expect(last.recipe.objective.beta).toBe(0.2);
		expect(gridRuns(grid)).toHaveLength(10);
		for (const [key, identity] of identities(GRID)) expect(identities(grid).get(key)).toBe(identity);
	});

	test('replaces the value of a varied setting, and begins where its original does', () => {
		const grid = withClone(GRID, 'tuned, rank 4', { path: 'rank', value: 16 }, 'wide');
		const last = gridCells(grid).at(-1)!;
		expect(last).toMatchObject({ name: 'wide', begin: 'zero, rank 4' });
		expect(last.recipe.lora.rank).toBe(16);
	});

	test('has the new value in its name in place of its own', () => {
		const nameOf = (cell: string, path: string, value: unknown): string =>
			gridCells(withClone(GRID, cell, { path, value })).at(-1)!.name;
		expect(nameOf('tuned, rank 4', 'rank', 16)).toBe('tuned, rank 16');
		const lines = readGrid({ schema: 1, vary: { objective: ['dpo', 'kto'], beta: [0.1, 1] } });
		const again = withClone(lines, 'dpo, beta 1', { path: 'objective', value: 'ipo' });
		expect(gridCells(again).at(-1)!.name).toBe('beta 1, ipo');
	});

	test('of a copy is a copy', () => {
		const once = withClone(GRID, 'zero, rank 8', { path: 'beta', value: 0.2 }, 'soft');
		const twice = withClone(once, 'soft', { path: 'beta', value: 0.3 });
		expect(gridCells(twice).map(({ name }) => name)).toContain('soft, beta 0.3');
	});

	test.each([
		['no cell', { path: 'beta', value: 1 }, undefined, 'there is no cell “no cell”'],
		['zero, rank 4', { path: 'beta', value: 2 }, 'zero, rank 8', 'already is a cell'],
		['zero, rank 4', { path: 'rank', value: 8 }, undefined, 'the same experiment'],
	])('of “%s” with %o is refused', (cell, change, name, message) => {
		expect(() => withClone(GRID, cell, change, name)).toThrow(message);
	});
});

describe('more seeds', () => {
	test('of all cells come after the others', () => {
		expect(keysOf(withMoreSeeds(GRID, [3]))).toEqual([
			...keysOf(GRID),
			...keysOf(GRID)
				.filter((key) => key.endsWith('seed1'))
				.map((key) => key.replace('seed1', 'seed3')),
		]);
	});

	test('of a cell come with those of the cell that it begins from', () => {
		const grid = withMoreSeeds(GRID, [5], 'tuned, rank 4');
		expect(keysOf(grid).slice(-2)).toEqual(['zero_rank_4.seed5', 'tuned_rank_4.seed5']);
	});

	test('that are there change nothing', () => {
		expect(withMoreSeeds(GRID, [1, 2])).toBe(GRID);
		expect(withMoreSeeds(GRID, [2], 'zero, rank 4')).toBe(GRID);
	});

	test('of a grid without seeds leave its runs as they are', () => {
		const grid = readGrid({ schema: 1, vary: { beta: [1, 2] } });
		const more = withMoreSeeds(grid, [9]);
		for (const [key, identity] of identities(grid)) expect(identities(more).get(key)).toBe(identity);
		expect(gridRuns(more)).toHaveLength(4);
	});

	test.each([[[-1]], [[0.5]], [[Number.NaN]]])('%o are refused', (seeds) => {
		expect(() => withMoreSeeds(GRID, seeds)).toThrow('is no seed');
	});

	test('beyond the limit are refused', () => {
		const seeds = Array.from({ length: 300 }, (_, i) => i + 10);
		expect(() => withMoreSeeds(GRID, seeds)).toThrow('1208 runs');
	});
});

describe('a stored grid', () => {
	const grown = withMoreSeeds(
		withClone(GRID, 'zero, rank 8', { path: 'beta', value: 0.2 }, 'soft'),
		[7],
		'soft',
	);
	const stored = {
		...{ schema: 1 as const, id: 'g', edition: 3, state: 'running' as const, grid: grown },
		...{ createdAt: '2026-11-30T10:00:00.000Z', changedAt: '2026-11-30T11:00:00.000Z' },
		started: [{ key: 'zero_rank_4.seed1', run: 'r1', stopped: false, reused: ['outputs' as const] }],
		...{ cells: 5, runs: 11, done: 0 },
	};

	test('is the same after it is read, and so is the JSON of a grid', () => {
		expect(readGrid(gridJson(grown))).toEqual(grown);
		expect(readStoredGrid(storedGridText(stored))).toEqual(stored);
	});

	test.each([
		['', 'grid-damaged'],
		['{"schema":2}', 'grid-newer'],
		['{"schema":1}', 'grid-damaged'],
		[storedGridText({ ...stored, grid: { ...grown, name: '' } }), 'grid-invalid'],
	])('with the text %.20s is refused', (text, code) => {
		expect(() => readStoredGrid(text)).toThrow(expect.objectContaining({ code }) as Error);
	});

	test('has no outcome where the text is damaged', () => {
		expect(readStoredOutcome('{')).toBeNull();
		expect(readStoredOutcome('{"key":"a"}')).toBeNull();
		const failed = { key: 'a', cell: 'a', seed: 1, identity: 'x', figures: null, madeWith: null };
		const outcome = { ...failed, error: { code: 'non-finite', message: 'NaN.', hint: '' } };
		expect(readStoredOutcome(JSON.stringify(outcome))).toEqual(outcome);
	});
});
