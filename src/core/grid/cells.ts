/** The cells of a grid: every combination of the varied values, for each named cell, each with its whole recipe. */
import { asAppError, FormatError } from '../errors.ts';
import { methodOf } from '../pair/methods/registry.ts';
import { ASKED_SECTIONS, asks } from '../recipe/asks.ts';
import { readRecipe, type Recipe } from '../recipe/recipe.ts';
import { withoutUnasked } from '../recipe/unasked.ts';
import { excerptOf, GRID_LIMITS, gridFault, type Grid, type NamedCell, type VariedSetting } from './grid.ts';
import { overlaps, SEED, shortName, withSetting, type CellSetting } from './setting.ts';

export interface Cell {
	/** Made of what differs between the cells: "clair, beta 0.1". */
	readonly name: string;
	/** The settings that made it, the named cell's own first. */
	readonly settings: readonly CellSetting[];
	/** Without the seeds of the grid, and without `begin`. */
	readonly recipe: Recipe;
	/** Name of the cell from whose adapter it begins; null for the base model. */
	readonly begin: string | null;
}

/** One combination of the varied values. */
type Combination = readonly CellSetting[];

/** Name of the only cell of a grid that varies nothing but its seeds. */
const BASE = 'base';

const UNNAMED: NamedCell = { name: '', settings: [], begin: null };

/**
 * In the order of the grid: named cells, then the first varied setting, change slowest.
 *
 * @throws FormatError `grid-too-large` · `grid-one-run` · `grid-contradiction` · `grid-begin` · `recipe-invalid`, naming the cell
 *   and the setting
 */
export function gridCells(grid: Grid): readonly Cell[] {
	expectSize(grid);
	expectNoOverlap(grid);
	const named = grid.cells.length === 0 ? [UNNAMED] : grid.cells;
	const combinations = grid.vary.reduce<readonly Combination[]>(
		(all, { path, values }) => all.flatMap((before) => values.map((value) => [...before, { path, value }])),
		[[]],
	);
	const labels = combinations.map((combination) => labelOf(combination, grid.vary));
	const cells = named.flatMap((one) =>
		combinations.map((combination, i) => cellOf(grid, one, combination, labels[i] ?? '')),
	);
	const distinct = withDistinctNames(cells);
	expectBegins(distinct);
	expectDifferent(distinct);
	expectCompared(grid, distinct);
	return distinct;
}

function expectSize({ cells, vary, seeds }: Grid): void {
	const count = vary.reduce((product, { values }) => product * values.length, Math.max(1, cells.length));
	const runs = count * (seeds?.length ?? 1);
	if (count > GRID_LIMITS.cells || runs > GRID_LIMITS.runs)
		throw new FormatError(`The grid has ${count} cells and ${runs} runs.`, {
			code: 'grid-too-large',
			hint: `A grid has at most ${GRID_LIMITS.cells} cells and ${GRID_LIMITS.runs} runs. Vary fewer settings, or make several grids.`,
			context: { cells: count, runs },
		});
	if (runs === 1)
		throw new FormatError('The grid is a single run: nothing is varied, and there is one seed.', {
			code: 'grid-one-run',
			hint: 'Name at least two values of a setting, or several seeds. A single run is “npm run loop”.',
		});
}

function expectNoOverlap({ cells, vary, seeds }: Grid): void {
	const varied = [...vary.map(({ path }) => path), ...(seeds === null ? [] : [SEED])];
	const clash = (paths: readonly string[], others: readonly string[]): [string, string] | null => {
		for (const path of paths)
			for (const other of others) if (path !== other && overlaps(path, other)) return [path, other];
		return null;
	};
	const within = clash(varied, varied);
	if (within !== null) throw contradiction(`vary.${within[0]}`, `vary.${within[1]} sets the same field`);
	for (const { name, settings } of cells) {
		const own = settings.map(({ path }) => path);
		const place = `The cell “${name}”`;
		const twice = own.find((path) => varied.includes(path));
		const both = twice === undefined ? (clash(own, varied) ?? clash(own, own)) : [twice, twice];
		if (both !== null) throw contradiction(place, `${both[0]} is set twice, the other time by ${both[1]}`);
	}
}

function contradiction(place: string, what: string): FormatError {
	return gridFault(place, what, 'Keep one of the two.', 'grid-contradiction');
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

/** A setting of a model that the cell's data method does not ask would change nothing. */
function expectEffect(recipe: Recipe, name: string, settings: readonly CellSetting[]): void {
	const method = methodOf(recipe.pairs.method);
	const idle = settings.find(({ path }) => {
		const section = ASKED_SECTIONS.find((one) => one === path.split('.')[0]);
		return section !== undefined && !asks(method, section);
	});
	if (idle === undefined) return;
	throw gridFault(
		`The cell “${name}”`,
		`${idle.path} has no effect, because the data method “${method.title}” does not ask that model`,
		'Write such cells under “cells”, each with its own settings.',
		'grid-contradiction',
	);
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

function expectBegins(cells: readonly Cell[]): void {
	const byName = new Map(cells.map((cell) => [cell.name, cell]));
	for (const cell of cells) {
		const seen = [cell.name];
		for (let { begin } = cell; begin !== null;) {
			const parent = byName.get(begin);
			if (parent === undefined)
				throw beginFault(cell, `it begins from “${begin}”, which is no cell`, 'Write the name of a cell.');
			if (seen.includes(begin))
				throw beginFault(
					cell,
					`it begins from itself: ${[...seen, begin].join(' from ')}`,
					'Break the circle.',
				);
			if (parent.recipe.model !== cell.recipe.model)
				throw beginFault(
					cell,
					`it begins from “${begin}”, which trains another model`,
					'Use one model for both.',
				);
			seen.push(begin);
			begin = parent.begin;
		}
	}
}

function beginFault({ name }: Cell, what: string, hint: string): FormatError {
	return gridFault(`The cell “${name}”`, what, hint, 'grid-begin');
}

/** Two cells with the same recipe would be one run with two names. */
function expectDifferent(cells: readonly Cell[]): void {
	const names = new Map<string, string>();
	for (const { name, recipe, begin } of cells) {
		const key = JSON.stringify([recipe, begin]);
		const other = names.get(key);
		if (other !== undefined)
			throw gridFault(
				`The cell “${name}”`,
				`it is the same experiment as “${other}”`,
				'Leave one of them out, or change a setting that differs.',
				'grid-contradiction',
			);
		names.set(key, name);
	}
}

function expectCompared({ compare }: Grid, cells: readonly Cell[]): void {
	for (const [i, pair] of compare.entries()) {
		const unknown = pair.find((name) => !cells.some((cell) => cell.name === name));
		if (unknown !== undefined)
			throw gridFault(
				`compare, pair ${i + 1}`,
				`there is no cell “${unknown}”`,
				'Write the names of two cells.',
			);
		if (pair[0] === pair[1]) throw gridFault(`compare, pair ${i + 1}`, 'both cells are the same');
	}
}
