/**
 * A grid: a base recipe and the settings to vary. Its cells are all combinations of the varied values, for each named cell if there
 * are some; every cell is run once per seed. A grid is plain JSON, or one typed line (see line.ts).
 */
import * as v from 'valibot';
import { asAppError, FormatError } from '../errors.ts';
import { isRecord, type Fields } from '../format/record.ts';
import { completeRecipe } from '../recipe/complete.ts';
import { issueText } from '../recipe/issueText.ts';
import { limitOf, limitText } from '../recipe/limits.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { isRangeText, readRange } from './range.ts';
import { BEGIN, SEED, settingNamed, unknownSetting, type CellSetting } from './setting.ts';

/** Most cells, most runs of all cells and seeds, most values of a setting; characters of a grid's and of a cell's name. */
export const GRID_LIMITS = { cells: 200, runs: 1000, values: 1000, name: 100, cellName: 80 } as const;

export interface VariedSetting {
	readonly path: string;
	readonly values: readonly unknown[];
}

/** A cell with settings of its own. */
export interface NamedCell {
	readonly name: string;
	readonly settings: readonly CellSetting[];
	/** Name of the cell from whose adapter of the same seed this one begins; null for the base model. */
	readonly begin: string | null;
}

export interface Grid {
	readonly name: string;
	readonly base: Recipe;
	/** Without the seeds. */
	readonly vary: readonly VariedSetting[];
	/** Empty if the varied settings alone make the cells. */
	readonly cells: readonly NamedCell[];
	/** Null keeps the seeds of the base recipe. */
	readonly seeds: readonly number[] | null;
	/** Pairs of cells whose difference was of interest before the runs; empty compares all. */
	readonly compare: readonly (readonly [string, string])[];
	/** Cells beside the combinations, each with all its settings; absent if there are none. */
	readonly extra?: readonly NamedCell[];
	/** Seeds beside `seeds`; absent if there are none. */
	readonly moreSeeds?: readonly MoreSeeds[];
}

/** Seeds that were added to a grid. */
export interface MoreSeeds {
	/** Null adds them to every cell. */
	readonly cell: string | null;
	readonly seeds: readonly number[];
}

const record = v.custom<Fields>(isRecord, 'write it as an object with a name for each entry, not as a list');
const gridSchema = v.strictObject({
	schema: v.literal(1),
	/** For people. */
	name: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(GRID_LIMITS.name)), 'Grid'),
	/** A recipe, or the sections and fields that differ from the default recipe. */
	base: v.optional(record, {}),
	/** Values by path or short name of a setting. */
	vary: v.optional(record, {}),
	/** Settings by path, by name of the cell; `begin` names another cell. */
	cells: v.optional(record, {}),
	compare: v.optional(v.array(v.strictTuple([v.string(), v.string()])), []),
	/** Like `cells`, but the varied settings do not multiply them. */
	extra: v.optional(record, {}),
	/** Seeds of one cell, or of every cell. */
	moreSeeds: v.optional(
		v.array(v.strictObject({ cell: v.optional(v.string()), seeds: v.array(v.unknown()) })),
		[],
	),
});

/** @throws FormatError naming the place: `grid-invalid`, `grid-setting-unknown`, or the code of the recipe's own fault */
export function readGrid(json: unknown): Grid {
	if (!isRecord(json)) throw gridFault('The grid', 'write it as an object, not as a list or a single value');
	const result = v.safeParse(gridSchema, json);
	if (!result.success) {
		const issue = result.issues[0];
		throw gridFault(v.getDotPath(issue) ?? 'The grid', `it is not usable: ${issueText(issue)}`);
	}
	const { name, base, vary, cells, compare, extra, moreSeeds } = result.output;
	const varied = Object.entries(vary).map(([setting, values]) => variedSetting(setting, values));
	const seeds = varied.find(({ path }) => path === SEED)?.values ?? null;
	expectOnce(varied.map(({ path }) => path));
	return {
		name,
		base: baseRecipe(base),
		vary: varied.filter(({ path }) => path !== SEED),
		cells: Object.entries(cells).map(([cell, settings]) => namedCell(cell, settings)),
		seeds: seeds === null ? null : seeds.map((seed, i) => expectSeed(seed, `vary.${SEED}, value ${i + 1}`)),
		compare,
		...ifAny(
			'extra',
			Object.entries(extra).map(([cell, settings]) => namedCell(cell, settings)),
		),
		...ifAny(
			'moreSeeds',
			moreSeeds.map(({ cell = null, seeds: own }, i) => ({
				cell,
				seeds: own.map((seed) => expectSeed(seed, `moreSeeds, entry ${i + 1}`)),
			})),
		),
	};
}

/** A list that a grid has only if it has entries. */
function ifAny<Name extends string, Entry>(
	name: Name,
	entries: readonly Entry[],
): Partial<Record<Name, readonly Entry[]>> {
	return entries.length === 0 ? {} : ({ [name]: entries } as Record<Name, readonly Entry[]>);
}

/** @param place “vary.beta” or “the cell clair” */
export function gridFault(place: string, what: string, hint = HINT, code = 'grid-invalid'): FormatError {
	return new FormatError(`${place}: ${what}.`, { code, hint, context: { place } });
}

const HINT =
	'A grid has the fields schema (1), name, base, vary, cells and compare; docs/grids/lab.json is an example.';

/** Fills in the fields that the base leaves out. @throws FormatError `recipe-invalid` naming the field */
function baseRecipe(partial: Readonly<Record<string, unknown>>): Recipe {
	try {
		return completeRecipe(partial).recipe;
	} catch (error) {
		const { message, hint, code, context } = asAppError(error);
		throw new FormatError(`The base: ${message}`, { code, hint, context, cause: error });
	}
}

function variedSetting(setting: string, given: unknown): VariedSetting {
	const place = `vary.${setting.slice(0, 80)}`;
	const path = settingNamed(setting);
	if (path === null) throw unknownSetting(setting, place);
	const values = typeof given === 'string' && isRangeText(given) ? readRange(given, place) : given;
	if (!Array.isArray(values))
		throw gridFault(
			place,
			'write its values as a list, or whole numbers as a range',
			'For example [0.1, 1] or "1..3".',
		);
	if (values.length === 0)
		throw gridFault(place, 'it has no value', 'Name at least one, or leave the setting out.');
	if (values.length > GRID_LIMITS.values)
		throw gridFault(
			place,
			`it has ${values.length} values`,
			`A setting takes at most ${GRID_LIMITS.values}.`,
		);
	const texts = values.map((value) => JSON.stringify(value));
	const twice = texts.findIndex((text, i) => texts.indexOf(text) !== i);
	if (twice >= 0)
		throw gridFault(
			place,
			`value ${twice + 1}, ${excerptOf(values[twice])}, is there twice`,
			'Leave one of them out.',
		);
	for (const value of values) expectNumber(place, path, value);
	return { path, values };
}

/** A whole cell is checked later; a word in the place of a number is never meant. */
function expectNumber(place: string, path: string, value: unknown): void {
	const limit = limitOf(path);
	if (limit === undefined || typeof value === 'number') return;
	throw gridFault(place, `${excerptOf(value)} is no number`, `Write ${limitText(limit)}.`);
}

/** A value as messages quote it. */
export function excerptOf(value: unknown): string {
	const text = JSON.stringify(value);
	return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

function namedCell(name: string, settings: unknown): NamedCell {
	const place = `The cell “${name.slice(0, GRID_LIMITS.cellName)}”`;
	if (name.trim() === '' || name.length > GRID_LIMITS.cellName)
		throw gridFault(place, `name it with 1 to ${GRID_LIMITS.cellName} characters`);
	if (!isRecord(settings))
		throw gridFault(place, 'write its settings as an object', 'For example { "pairs.method": "clair" }.');
	const begin: unknown = Object.entries(settings).find(([key]) => key === BEGIN)?.[1] ?? null;
	if (begin !== null && typeof begin !== 'string')
		throw gridFault(place, 'begin is not the name of a cell', 'Write the name of another cell of this grid.');
	const named = Object.entries(settings)
		.filter(([key]) => key !== BEGIN)
		.map(([key, value]): CellSetting => ({ path: pathIn(place, key), value }));
	for (const { path, value } of named) expectNumber(`${place}, ${path}`, path, value);
	expectOnce(named.map(({ path }) => path));
	return { name, settings: named, begin };
}

function pathIn(place: string, key: string): string {
	const path = settingNamed(key);
	if (path === null) throw unknownSetting(key, place);
	if (path === SEED)
		throw gridFault(
			place,
			'a cell has no seeds of its own',
			'Write the seeds under vary: every cell is run with each.',
		);
	return path;
}

function expectOnce(paths: readonly string[]): void {
	const twice = paths.find((path, i) => paths.indexOf(path) !== i);
	if (twice !== undefined)
		throw gridFault(twice, 'two names of this setting are used', 'Write the setting once.');
}

/** @throws FormatError if no run can have this seed */
export function expectSeed(value: unknown, place: string): number {
	const { min = 0, max = 0 } = limitOf('training.seed') ?? {};
	if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
	throw gridFault(place, `${excerptOf(value)} is no seed`, `Choose whole numbers between ${min} and ${max}.`);
}
