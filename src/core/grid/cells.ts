/** The cells of a grid: every combination of the varied values, for each named cell, each with its whole recipe. */
import { type AppError, asAppError, FormatError } from '../errors.ts';
import { readRecipe, type Recipe } from '../recipe/recipe.ts';
import { withoutUnasked } from '../recipe/unasked.ts';
import type { Cell } from './cell.ts';
import { expectEffect, expectSeveralRuns, expectUsableCells, expectUsableGrid } from './cellRules.ts';
import { excerptOf, type Grid, type NamedCell, type VariedSetting } from './grid.ts';
import { shortName, withSetting, type CellSetting } from './setting.ts';

/** One combination of the varied values. */
type Combination = readonly CellSetting[];

/** Name of the only cell of a grid that varies nothing but its seeds. */
const BASE = 'base';

const UNNAMED: NamedCell = { name: '', settings: [], begin: null };

/** A cell that cannot run. */
export interface CellFault {
	readonly cell: string;
	/** The part of its name that a named cell gives; empty if the grid names none. */
	readonly named: string;
	/** Its values of the settings that vary. */
	readonly varied: readonly CellSetting[];
	/** `grid-contradiction` or `recipe-invalid`, naming the cell and the setting. */
	readonly error: AppError;
}

/** The cells of a grid that can run, and those that cannot. */
export interface CheckedCells {
	readonly cells: readonly Cell[];
	readonly faults: readonly CellFault[];
}

/**
 * In the order of the grid: named cells, then the first varied setting, change slowest; extra cells come last.
 *
 * @throws FormatError `grid-too-large` · `grid-one-run` · `grid-contradiction` · `grid-begin` · `recipe-invalid`, naming the cell
 *   and the setting
 */
export function gridCells(grid: Grid): readonly Cell[] {
	const { cells, faults } = checkedCells(grid);
	const [fault] = faults;
	if (fault !== undefined) throw fault.error;
	expectUsableCells(grid, cells);
	return cells;
}

/**
 * Every cell is checked by itself, so that a page can name all that cannot run.
 *
 * @throws FormatError `grid-too-large` · `grid-one-run` · `grid-contradiction` of the grid as a whole
 */
export function checkedCells(grid: Grid): CheckedCells {
	expectUsableGrid(grid);
	const named = grid.cells.length === 0 ? [UNNAMED] : grid.cells;
	const combinations = grid.vary.reduce<readonly Combination[]>(
		(all, { path, values }) => all.flatMap((before) => values.map((value) => [...before, { path, value }])),
		[[]],
	);
	const wanted: readonly CellParts[] = [
		...named.flatMap((one) =>
			combinations.map((combination) => ({
				named: one,
				combination,
				varied: variedOf(combination, grid.vary),
			})),
		),
		...(grid.extra ?? []).map((one) => ({ named: one, combination: [], varied: [] })),
	];
	const [cells, faults]: [Cell[], CellFault[]] = [[], []];
	for (const parts of wanted)
		try {
			cells.push(cellOf(grid.base, parts));
		} catch (error) {
			faults.push({
				cell: nameOf(parts),
				named: parts.named.name,
				varied: parts.varied,
				error: asAppError(error),
			});
		}
	// A value that cannot be used is the nearer reason.
	if (faults.length === 0) expectSeveralRuns(grid);
	return { cells: withDistinctNames(cells), faults };
}

/** One combination for one named cell. */
interface CellParts {
	readonly named: NamedCell;
	readonly combination: Combination;
	/** Without the settings of one value, which do not differ. */
	readonly varied: Combination;
}

function nameOf({ named, varied }: CellParts): string {
	return withValues(named.name, varied) || BASE;
}

/** @throws FormatError `recipe-invalid` · `grid-contradiction` */
function cellOf(base: Recipe, parts: CellParts): Cell {
	const { named, combination, varied } = parts;
	const name = nameOf(parts);
	const settings = [...named.settings, ...combination];
	// An objective as a whole comes before its fields.
	const ordered = settings.toSorted((a, b) => a.path.split('.').length - b.path.split('.').length);
	const made = ordered.reduce(withSetting, base);
	const recipe = usable(made, name, settings);
	expectEffect(recipe, name, settings);
	const begin = named.begin === null ? null : withValues(named.begin, varied);
	return { name, settings, recipe: withoutUnasked(recipe), begin };
}

/** @throws FormatError `recipe-invalid` naming the cell, and the setting whose value cannot be used */
function usable(recipe: Recipe, name: string, settings: readonly CellSetting[]): Recipe {
	try {
		return readRecipe(recipe);
	} catch (error) {
		const { message, hint, code, context } = asAppError(error);
		const path = String(context['path'] ?? '');
		const cause =
			settings.find((one) => path === one.path) ?? settings.find((one) => path.startsWith(`${one.path}.`));
		const value = cause === undefined ? '' : ` (${shortName(cause.path)}: ${excerptOf(cause.value)})`;
		throw new FormatError(`The cell “${name}”${value}: ${message}`, { code, hint, context, cause: error });
	}
}

function variedOf(combination: Combination, vary: readonly VariedSetting[]): Combination {
	return combination.filter((_, i) => (vary[i]?.values.length ?? 0) > 1);
}

/** "zero, apo_zero, beta 0.1": the name of a named cell, and the values of the combination. */
function withValues(name: string, varied: Combination): string {
	const values = varied.map(valueName).join(', ');
	return [name, values].filter((part) => part !== '').join(', ');
}

/** "apo_zero", "beta 0.1": a value as part of the name of a cell. */
export function valueName({ path, value }: CellSetting): string {
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
