/** Changes of a grid, and grids as this browser stores them: read back as they were, or refused with code and hint. */
import * as fc from 'fast-check';
import { withClone, withMoreSeeds } from '#core/grid/change.ts';
import { readGrid } from '#core/grid/grid.ts';
import { gridJson } from '#core/grid/json.ts';
import { gridRuns } from '#core/grid/runs.ts';
import { readStoredGrid, readStoredOutcome } from '#core/grid/stored.ts';
import { onlyAppErrors, target, type FuzzTarget } from './target.ts';

const GRID = readGrid({
	schema: 1,
	cells: { zero: {}, tuned: { begin: 'zero', objective: 'dpo' } },
	vary: { rank: [4, 8] },
});
const cell = fc.oneof(fc.constantFrom('zero, rank 4', 'tuned, rank 8', 'zero', '__proto__'), fc.string());
const path = fc.oneof(
	fc.constantFrom('beta', 'rank', 'objective', 'seed', 'model', 'begin', 'pairs.method', '__proto__'),
	fc.string({ unit: 'binary', maxLength: 20 }),
);
const value = fc.oneof(fc.constantFrom(0.1, 8, 'dpo', 'clair'), fc.jsonValue());
const name = fc.oneof(fc.constantFrom('', 'copy', 'zero, rank 4', '7'), fc.string({ unit: 'binary' }));
const seeds = fc.array(fc.oneof(fc.nat({ max: 5 }), fc.double(), fc.integer()), { maxLength: 4 });

const moreSeeds = fc.array(fc.oneof(fc.record({ cell, seeds }), fc.record({ seeds }), fc.jsonValue()), {
	maxLength: 2,
});
const extra = fc.dictionary(name, fc.dictionary(path, value, { maxKeys: 2 }), { maxKeys: 2 });
const grown = fc.record({ extra, moreSeeds }).map((parts) => ({ ...gridJson(GRID), ...parts }));

const stored = fc.record(
	{
		schema: fc.constantFrom(1, 1, 1, 2, '1'),
		id: fc.string(),
		edition: fc.oneof(fc.nat(), fc.double()),
		createdAt: fc.constantFrom('2026-11-30T10:00:00.000Z', 'yesterday'),
		changedAt: fc.constant('2026-11-30T10:00:00.000Z'),
		state: fc.constantFrom('running', 'paused', 'x'),
		grid: fc.oneof(grown, fc.jsonValue()),
		started: fc.array(
			fc.record({
				key: fc.string(),
				run: fc.option(fc.string()),
				stopped: fc.boolean(),
				reused: fc.array(fc.constantFrom('outputs', 'x'), { maxLength: 1 }),
			}),
			{ maxLength: 2 },
		),
		cells: fc.nat(),
		runs: fc.nat(),
		done: fc.nat(),
	},
	{ requiredKeys: ['schema'] },
);

/** The keys of the runs before are still there, and the grid is the same after its JSON. */
function expectGrown(grid: typeof GRID): void {
	const keys = new Set(gridRuns(grid).map(({ key }) => key));
	if (gridRuns(GRID).some(({ key }) => !keys.has(key))) throw new Error('a run lost its key');
	const again = gridRuns(readGrid(JSON.parse(JSON.stringify(gridJson(grid)))));
	const sorted = (runs: typeof again): string => JSON.stringify(runs.map(({ key }) => key).sort());
	if (sorted(again) !== sorted(gridRuns(grid))) throw new Error('the JSON reads differently');
}

export const targets: readonly FuzzTarget[] = [
	target('a changed copy of a cell', fc.tuple(cell, path, value, name), ([from, to, what, called]) => {
		onlyAppErrors(() => expectGrown(withClone(GRID, from, { path: to, value: what }, called)));
	}),
	target('more seeds of a grid', fc.tuple(seeds, fc.option(cell)), ([more, of]) => {
		onlyAppErrors(() => expectGrown(withMoreSeeds(GRID, more, of)));
	}),
	target('a grid with extra cells and seeds', grown, (json) => {
		onlyAppErrors(() => expectGrown(readGrid(json)));
	}),
	target('a stored grid', fc.oneof(stored, fc.jsonValue()), (json) => {
		onlyAppErrors(() => readStoredGrid(JSON.stringify(json)));
	}),
	target('a stored outcome', fc.oneof(fc.json(), fc.string()), (text) => void readStoredOutcome(text)),
];
