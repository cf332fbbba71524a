/** The settings that differ between the cells of a grid, each with its values: the axes of tables and charts. */
import { findMethod } from '../../pair/methods/registry.ts';
import { titleOf } from '../../loss/objectives/forSettings.ts';
import { recipeFields } from '../../recipe/fields.ts';
import { excerpt } from '../../text/wording.ts';
import type { Cell } from '../cell.ts';
import type { Grid } from '../grid.ts';
import { OBJECTIVE, shortName } from '../setting.ts';

export interface AxisValue {
	/** Unique on its axis. */
	readonly key: string;
	readonly label: string;
	/** As a recipe writes it: a text or a number, JSON of any other value, null if recipes leave the field out. */
	readonly value: string | number | null;
	/** Names of the cells with this value, in the order of the grid. */
	readonly cells: readonly string[];
}

export interface GridAxis {
	/** Path of a setting, or {@link CELL_AXIS}. */
	readonly id: string;
	readonly title: string;
	/** In the order of the grid. */
	readonly values: readonly AxisValue[];
}

/** The named cells of a grid, as one axis. */
export const CELL_AXIS = 'cell';
const METHOD = 'pairs.method';

/** Titles of settings that have a word of their own; others have their short name. */
const TITLES: Readonly<Record<string, string>> = {
	[CELL_AXIS]: 'cell',
	[METHOD]: 'data method',
	[OBJECTIVE]: 'objective',
	'optimiser.learningRate': 'learning rate',
	'objective.beta': 'β',
};

/** "β", "learning rate", "rank" */
export function settingTitle(id: string): string {
	return TITLES[id] ?? shortName(id);
}

const PLURALS: Readonly<Record<string, string>> = {
	[CELL_AXIS]: 'cells',
	[METHOD]: 'data methods',
	[OBJECTIVE]: 'objectives',
	'optimiser.learningRate': 'learning rates',
	'lora.rank': 'ranks',
	model: 'models',
};

/** "objectives", "values of β". @param title of a setting without a plural of its own */
export function settingPlural(id: string, title = settingTitle(id)): string {
	return PLURALS[id] ?? `values of ${title}`;
}

/** "β 0.1": a number says nothing without the name of its setting. */
export function withTitle(title: string, label: string): string {
	return Number.isNaN(Number(label)) ? label : `${title} ${label}`;
}

/** Axes with at least two values: named cells first, then settings in the order in which cells name them. */
export function gridAxes(grid: Grid, cells: readonly Cell[]): readonly GridAxis[] {
	const paths = [...new Set(cells.flatMap(({ settings }) => settings.map(({ path }) => path)))];
	const axes = [namedAxis(grid, cells), ...paths.map((path) => settingAxis(path, cells))];
	return axes.filter(({ values }) => values.length > 1);
}

/** Every named cell is a value, for all combinations of the varied settings. */
function namedAxis(grid: Grid, cells: readonly Cell[]): GridAxis {
	const combinations = grid.vary.reduce((product, { values }) => product * values.length, 1);
	return axisOf(
		CELL_AXIS,
		grid.cells.length === 0
			? []
			: cells.map(({ name }, i) => {
					// Cells beyond the combinations have a name of their own.
					const named = grid.cells[Math.floor(i / combinations)]?.name ?? name;
					return { key: named, label: named, value: named, cell: name };
				}),
	);
}

function settingAxis(path: string, cells: readonly Cell[]): GridAxis {
	return axisOf(
		path,
		cells.map((cell) => {
			const value = valueOf(cell, path);
			const json = JSON.stringify(value) as string | undefined;
			return { key: json ?? '', label: valueLabel(path, value), value: plainValue(value), cell: cell.name };
		}),
	);
}

function axisOf(
	id: string,
	entries: readonly (Omit<AxisValue, 'cells'> & { readonly cell: string })[],
): GridAxis {
	const values = new Map<string, Omit<AxisValue, 'cells'> & { cells: string[] }>();
	for (const { cell, ...value } of entries) {
		const known = values.get(value.key);
		if (known === undefined) values.set(value.key, { ...value, cells: [cell] });
		else known.cells.push(cell);
	}
	return { id, title: settingTitle(id), values: [...values.values()] };
}

/** The value of a setting in a cell; undefined if its recipe leaves the field out. */
function valueOf({ settings, recipe }: Cell, path: string): unknown {
	const own = settings.find((setting) => setting.path === path);
	if (own !== undefined) return own.value;
	return path === OBJECTIVE ? recipe.objective.id : recipeFields(recipe).get(path);
}

function plainValue(value: unknown): string | number | null {
	if (value === undefined || value === null) return null;
	return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
}

/** Characters of a label. */
const LABEL_LENGTH = 60;

/** "APO-zero", "CLAIR", "0.1" */
export function valueLabel(path: string, value: unknown): string {
	if (value === undefined) return 'default';
	if (typeof value !== 'string') return excerpt(JSON.stringify(value), LABEL_LENGTH);
	if (path === METHOD) return findMethod(value)?.title ?? value;
	if (path === OBJECTIVE) return excerpt(titleOf({ id: value }), LABEL_LENGTH);
	return excerpt(value, LABEL_LENGTH);
}

export interface TableAxes {
	readonly rows: string;
	/** Null for a table with one column. */
	readonly columns: string | null;
}

/**
 * The axes of the paper's form: rows data methods, columns objectives, if each cell then has a place of its own; otherwise the pair
 * of axes that gives every cell its place, or the first two.
 *
 * @returns null if no setting differs
 */
export function standardAxes(axes: readonly GridAxis[]): TableAxes | null {
	const ordered = axes.toSorted((a, b) => precedence(a) - precedence(b));
	const [first, second] = ordered;
	if (first === undefined) return null;
	const count = first.values.reduce((sum, { cells }) => sum + cells.length, 0);
	const alone = ordered.find(({ values }) => values.length === count);
	const pairs = ordered.flatMap((rows, i) => ordered.slice(i + 1).map((columns) => ({ rows, columns })));
	const whole = pairs.find(
		({ rows, columns }) => rows.values.length * columns.values.length === count && isUnique(rows, columns),
	);
	if (whole !== undefined) return { rows: whole.rows.id, columns: whole.columns.id };
	if (alone !== undefined) return { rows: alone.id, columns: null };
	return { rows: first.id, columns: second?.id ?? null };
}

function precedence({ id }: GridAxis): number {
	const place = [METHOD, OBJECTIVE, CELL_AXIS].indexOf(id);
	return place < 0 ? 3 : place;
}

/** True if no two cells share a place. */
function isUnique(rows: GridAxis, columns: GridAxis): boolean {
	return rows.values.every((row) =>
		columns.values.every((column) => row.cells.filter((cell) => column.cells.includes(cell)).length <= 1),
	);
}
