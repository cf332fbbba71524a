/** The cells of a grid: every combination of the varied values, for each named cell, each with its whole recipe. */
import { asAppError, FormatError } from '../errors.ts';
import { readRecipe, type Recipe } from '../recipe/recipe.ts';
import { withoutUnasked } from '../recipe/unasked.ts';
import type { Cell } from './cell.ts';
import { expectEffect, expectUsableCells, expectUsableGrid } from './cellRules.ts';
import { excerptOf, type Grid, type NamedCell, type VariedSetting } from './grid.ts';
import { shortName, withSetting, type CellSetting } from './setting.ts';

/** One combination of the varied values. */
type Combination = readonly CellSetting[];

/** Name of the only cell of a grid that varies nothing but its seeds. */
const BASE = 'base';

const UNNAMED: NamedCell = { name: '', settings: [], begin: null };

/**
 * In the order of the grid: named cells, then the first varied setting, change slowest; extra cells come last.
 *
 * @throws FormatError `grid-too-large` · `grid-one-run` · `grid-contradiction` · `grid-begin` · `recipe-invalid`, naming the cell
 *   and the setting
 */
export function gridCells(grid: Grid): readonly Cell[] {
	expectUsableGrid(grid);
	const named = grid.cells.length === 0 ? [UNNAMED] : grid.cells;
	const combinations = grid.vary.reduce<readonly Combination[]>(
		(all, { path, values }) => all.flatMap((before) => values.map((value) => [...before, { path, value }])),
		[[]],
	);
	const labels = combinations.map((combination) => labelOf(combination, grid.vary));
	const cells = named.flatMap((one) =>
		combinations.map((combination, i) => cellOf(grid, one, combination, labels[i] ?? '')),
	);
	const extra = (grid.extra ?? []).map((one) => cellOf(grid, one, [], ''));
	const distinct = withDistinctNames([...cells, ...extra]);
	expectUsableCells(grid, distinct);
	return distinct;
}

function cellOf(grid: Grid, named: NamedCell, combination: Combination, label: string): Cell {
	const settings = [...named.settings, ...combination];
	const name = [named.name, label].filter((part) => part !== '').join(', ') || BASE;
	// An objective as a whole comes before its fields.
	const ordered = settings.toSorted((a, b) => a.path.split('.').length - b.path.split('.').length);
	const made = ordered.reduce(withSetting, grid.base);
	const recipe = usable(made, name, settings);
	expectEffect(recipe, name, settings);
	const begin = named.begin === null ? null : [named.begin, label].filter((part) => part !== '').join(', ');
	return { name, settings, recipe: withoutUnasked(recipe), begin };
}

/** @throws FormatError `recipe-invalid` naming the cell, and the setting whose value cannot be used */
function usable(recipe: Recipe, name: string, settings: readonly CellSetting[]): Recipe {
	try {
		return readRecipe(recipe);
	} catch (error) {
		const { message, hint, code, context } = asAppError(error);
		const path = String(context['path'] ?? '');
		const cause = settings.find((one) => path === one.path || path.startsWith(`${one.path}.`));
		const value = cause === undefined ? '' : ` (${shortName(cause.path)}: ${excerptOf(cause.value)})`;
		throw new FormatError(`The cell “${name}”${value}: ${message}`, { code, hint, context, cause: error });
	}
}

/** "apo_zero, beta 0.1": settings with one value do not differ. */
function labelOf(combination: Combination, vary: readonly VariedSetting[]): string {
	return combination
		.filter((_, i) => (vary[i]?.values.length ?? 0) > 1)
		.map(({ path, value }) => valueLabel(path, value))
		.join(', ');
}

function valueLabel(path: string, value: unknown): string {
	if (typeof value === 'string') return value.length <= 60 ? value : `${value.slice(0, 59)}…`;
	return `${shortName(path)} ${excerptOf(value)}`;
}

function withDistinctNames(cells: readonly Cell[]): readonly Cell[] {
	const seen = new Map<string, number>();
	return cells.map((cell) => {
		const times = (seen.get(cell.name) ?? 0) + 1;
		seen.set(cell.name, times);
		return times === 1 ? cell : { ...cell, name: `${cell.name} (${times})` };
	});
}
