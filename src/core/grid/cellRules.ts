/** Rules that the cells of a grid keep, so that every run answers a question of its own. */
import { FormatError } from '../errors.ts';
import { methodOf } from '../pair/methods/registry.ts';
import { ASKED_SECTIONS, asks } from '../recipe/asks.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Cell } from './cell.ts';
import { GRID_LIMITS, gridFault, type Grid } from './grid.ts';
import { overlaps, SEED, type CellSetting } from './setting.ts';

/** @throws FormatError `grid-too-large` · `grid-contradiction` if a field is set twice */
export function expectUsableGrid(grid: Grid): void {
	expectSize(grid);
	expectNoOverlap(grid);
}

/** @throws FormatError `grid-begin` · `grid-contradiction` if two cells are one experiment · `grid-invalid` if a compared cell is unknown */
export function expectUsableCells(grid: Grid, cells: readonly Cell[]): void {
	expectBegins(cells);
	expectDifferent(cells);
	expectCompared(grid, cells);
	expectSeededCells(grid, cells);
}

/** Number of cells, and of runs of all cells and seeds. */
function sizeOf(grid: Grid): { count: number; runs: number } {
	const { cells, vary, seeds, extra = [], moreSeeds = [] } = grid;
	const combinations = vary.reduce(
		(product, { values }) => product * values.length,
		Math.max(1, cells.length),
	);
	const count = combinations + extra.length;
	const more = moreSeeds.reduce((sum, one) => sum + one.seeds.length * (one.cell === null ? count : 1), 0);
	return { count, runs: count * (seeds?.length ?? 1) + more };
}

function expectSize(grid: Grid): void {
	const { count, runs } = sizeOf(grid);
	if (count > GRID_LIMITS.cells || runs > GRID_LIMITS.runs)
		throw new FormatError(`The grid has ${count} cells and ${runs} runs.`, {
			code: 'grid-too-large',
			hint: `A grid has at most ${GRID_LIMITS.cells} cells and ${GRID_LIMITS.runs} runs. Vary fewer settings, or make several grids.`,
			context: { cells: count, runs },
		});
}

/** @throws FormatError `grid-one-run` */
export function expectSeveralRuns(grid: Grid): void {
	if (sizeOf(grid).runs === 1)
		throw new FormatError('The grid is a single run: nothing is varied, and there is one seed.', {
			code: 'grid-one-run',
			hint: 'Name at least two values of a setting, or several seeds. A single run is “npm run loop”.',
		});
}

function expectNoOverlap({ cells, vary, seeds, extra = [] }: Grid): void {
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
		const twice = own.find((path) => varied.includes(path));
		expectNone(name, twice === undefined ? (clash(own, varied) ?? clash(own, own)) : [twice, twice]);
	}
	for (const { name, settings } of extra) {
		const own = settings.map(({ path }) => path);
		expectNone(name, clash(own, own));
	}
}

function expectNone(name: string, both: [string, string] | null): void {
	if (both !== null)
		throw contradiction(`The cell “${name}”`, `${both[0]} is set twice, the other time by ${both[1]}`);
}

function contradiction(place: string, what: string): FormatError {
	return gridFault(place, what, 'Keep one of the two.', 'grid-contradiction');
}

/**
 * A setting of a model that the cell's data method does not ask would change nothing.
 *
 * @throws FormatError `grid-contradiction`, naming the cell
 */
export function expectEffect(recipe: Recipe, name: string, settings: readonly CellSetting[]): void {
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

function expectSeededCells({ moreSeeds = [] }: Grid, cells: readonly Cell[]): void {
	for (const [i, { cell }] of moreSeeds.entries())
		if (cell !== null && !cells.some(({ name }) => name === cell))
			throw gridFault(`moreSeeds, entry ${i + 1}`, `there is no cell “${cell}”`, 'Write the name of a cell.');
}
