/** Changes of a grid that keep its runs: a cell that differs from another one in one setting, and more seeds. */
import { cleanName, freeName } from '../text/name.ts';
import type { Cell } from './cell.ts';
import { gridCells, valueName } from './cells.ts';
import { expectSeed, GRID_LIMITS, gridFault, type Grid, type NamedCell } from './grid.ts';
import { gridRuns } from './runs.ts';
import { overlaps, SEED, settingNamed, unknownSetting, type CellSetting } from './setting.ts';

/** One setting with its value, by path or short name. */
export interface CellChange {
	readonly path: string;
	readonly value: unknown;
}

/**
 * The grid with one more cell: a copy of `cell` with one other value. Runs of the other cells keep their keys.
 *
 * @param name of the new cell; default: the name of the copied one with the new value in place of its own
 * @throws FormatError `grid-invalid` if there is no such cell or it has this name · `grid-setting-unknown` · see `gridRuns`
 */
export function withClone(grid: Grid, cell: string, change: CellChange, name?: string): Grid {
	const cells = gridCells(grid);
	const from = cells.find((one) => one.name === cell);
	if (from === undefined)
		throw gridFault('The copy', `there is no cell “${cell}”`, 'Choose a cell of the grid.');
	const path = settingNamed(change.path);
	if (path === null) throw unknownSetting(change.path, 'The copy');
	if (path === SEED)
		throw gridFault('The copy', 'a cell has no seeds of its own', 'Add seeds to the cell instead.');
	const names = new Set(cells.map((one) => one.name));
	const asked = cleanName(name ?? '');
	if (names.has(asked))
		throw gridFault('The copy', `there already is a cell “${asked}”`, 'Choose another name.');
	const clone: NamedCell = {
		name: asked || freeName(nameOf(from, { path, value: change.value }), names),
		settings: [
			...from.settings.filter((setting) => !overlaps(setting.path, path)),
			{ path, value: change.value },
		],
		begin: from.begin,
	};
	return checked({ ...grid, extra: [...(grid.extra ?? []), clone] });
}

/**
 * The grid with more seeds. A seed that a cell already has changes nothing.
 *
 * @param cell the cell that gets them; default: every cell
 * @throws FormatError `grid-invalid` if a seed or the cell is not usable · see `gridRuns`
 */
export function withMoreSeeds(grid: Grid, seeds: readonly number[], cell: string | null = null): Grid {
	const known = new Set(gridRuns(grid).map((run) => `${run.seed} ${run.cell}`));
	const cells = cell === null ? gridCells(grid).map((one) => one.name) : [cell];
	const added = seeds
		.map((seed) => expectSeed(seed, 'The seeds'))
		.filter((seed) => cells.some((one) => !known.has(`${seed} ${one}`)));
	if (added.length === 0) return grid;
	return checked({ ...grid, moreSeeds: [...(grid.moreSeeds ?? []), { cell, seeds: [...new Set(added)] }] });
}

/** Characters of a name, with room for the number that `freeName` may add. */
const NAME_LENGTH = GRID_LIMITS.cellName - 4;

/** "dpo, beta 1" with another β: "dpo, beta 0.3". */
function nameOf({ name, settings }: Cell, change: CellSetting): string {
	const replaced = new Set(settings.filter(({ path }) => overlaps(path, change.path)).map(valueName));
	const parts = name.split(', ').filter((part) => !replaced.has(part));
	const clean = cleanName([...parts, valueName(change)].join(', '));
	return Array.from(clean).slice(-NAME_LENGTH).join('').trim();
}

/** @throws FormatError; see `gridRuns` */
function checked(grid: Grid): Grid {
	gridRuns(grid);
	return grid;
}
