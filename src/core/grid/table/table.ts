/** A table in the paper's form: the change of the score against the base model, by any two settings of a grid. */
import type { Estimate } from '../../evaluation/evaluation.ts';
import { mean } from '../../evaluation/intervals.ts';
import { at } from '../../math/at.ts';
import { compareScores, isTie, withVerdicts } from '../comparison.ts';
import { measuredCell, type CellResult, type MeasuredCell } from '../measuredCell.ts';
import { MeasuredScores } from '../measuredScores.ts';
import { averaged } from '../resample.ts';
import { CELL_AXIS, gridAxes, standardAxes, type AxisValue, type GridAxis, type TableAxes } from './axes.ts';
import type { MeasuredGrid } from './measuredGrid.ts';

/** A setting with its values at one place of the table. */
export interface AveragedSetting {
	/** Path of a setting, or `CELL_AXIS`. */
	readonly id: string;
	/** In the order of the grid. */
	readonly labels: readonly string[];
}

/** One place of the table. */
export interface TableEntry {
	/** Unique in the table. */
	readonly key: string;
	/** Names of its cells; empty if the grid has none here, several if settings beside the two axes differ. */
	readonly cells: readonly string[];
	/** Settings beside the two axes, over whose values it is a mean; with one value, if other places have others. */
	readonly over: readonly AveragedSetting[];
	/** Seeds that all its cells have finished. */
	readonly seeds: readonly number[];
	/** Runs of its cells. */
	readonly runs: { readonly done: number; readonly failed: number; readonly planned: number };
	/** Greedy score after − before; null until each of its cells has finished the same seed. */
	readonly change: Estimate | null;
	readonly rank: CellResult['rank'];
	/** Keys of the entries that do not clearly differ from this one, after Holm's correction over all the others. */
	readonly equals: readonly string[];
}

export interface TableRow {
	readonly label: string;
	readonly entries: readonly TableEntry[];
}

export interface GridTable {
	readonly rowTitle: string;
	/** Null if the table has one column. */
	readonly columnTitle: string | null;
	readonly columns: readonly string[];
	readonly rows: readonly TableRow[];
	/** Titles of the other settings, over whose values each entry is a mean. */
	readonly averaged: readonly string[];
	/** True if some entries are means over other values of these settings than others: they differ in more than the two axes. */
	readonly uneven: boolean;
	/** Greedy score before training; null before the first result, and if the cells begin from different models. */
	readonly before: number | null;
	/** Entries with a result: each is compared with one fewer. */
	readonly measured: number;
	/** Held-out prompts of an entry; 0 before the first result. */
	readonly prompts: number;
}

/** @param axes default: the paper's form, see `standardAxes` */
export function gridTable(measured: MeasuredGrid, axes?: TableAxes): GridTable {
	const all = gridAxes(measured.grid, measured.cells);
	const chosen = axes ?? standardAxes(all);
	const find = (id: string | null | undefined): GridAxis | null => all.find((axis) => axis.id === id) ?? null;
	const rows = find(chosen?.rows) ?? wholeGrid(measured);
	const columns = find(chosen?.columns);
	const byName = new Map(measured.cells.map(({ name }) => [name, measuredCell(name, measured.outcomes)]));
	const across = (columns ?? wholeGrid(measured)).values;
	const places = rows.values.map((row, i) =>
		across.map((column, j) => new Place(`${i}:${j}`, row, column, byName)),
	);
	const over = averagedOver(places.flat(), all, [rows, columns]);
	const uneven = over.filter((axis) => isUneven(places.flat(), axis));
	const held = (cells: readonly string[]): readonly AveragedSetting[] =>
		over
			.map((axis) => valuesIn(axis, cells))
			.filter(
				({ id, labels }) =>
					labels.length > 1 || (labels.length === 1 && uneven.some((axis) => axis.id === id)),
			);
	const entries = entriesOf(places.flat(), measured, held);
	return {
		rowTitle: rows.title,
		columnTitle: columns?.title ?? null,
		columns: columns === null ? ['change'] : across.map(({ label }) => label),
		rows: places.map((row, i) => ({
			label: at(rows.values, i).label,
			entries: row.flatMap(({ key }) => entries.get(key) ?? []),
		})),
		averaged: over.map(({ title }) => title),
		uneven: uneven.length > 0,
		...basis([...byName.values()]),
		measured: places.flat().filter(({ scores }) => scores !== null).length,
	};
}

/** One place for all cells. */
function wholeGrid({ grid, cells }: MeasuredGrid): GridAxis {
	const whole = { key: '', label: grid.name, value: null, cells: cells.map(({ name }) => name) };
	return { id: '', title: 'grid', values: [whole] };
}

/** The cells at a place of the table, and the mean of their changes. */
class Place {
	readonly key: string;
	readonly cells: readonly string[];
	readonly scores: MeasuredScores | null;

	constructor(key: string, row: AxisValue, column: AxisValue, byName: ReadonlyMap<string, MeasuredCell>) {
		this.key = key;
		this.cells = row.cells.filter((cell) => column.cells.includes(cell));
		const own = this.cells.flatMap((cell) => byName.get(cell)?.change ?? []);
		const [only] = own;
		// A place with one cell shares the resamples of the cell.
		const scores =
			own.length === 1 && only !== undefined
				? only
				: new MeasuredScores(averaged(own.map((one) => one.scores)));
		this.scores = scores.scores.seeds.length === 0 ? null : scores;
	}
}

function entriesOf(
	places: readonly Place[],
	measured: MeasuredGrid,
	over: (cells: readonly string[]) => readonly AveragedSetting[],
): ReadonlyMap<string, TableEntry> {
	const done = places.flatMap(({ key, scores }) => (scores === null ? [] : [{ key, scores }]));
	const first = isTie(done.map(({ scores }) => scores.whole.mean)) ? 'equal' : 'best';
	const best = done.reduce<(typeof done)[number] | null>(
		(most, one) => (most === null || one.scores.whole.mean > most.scores.whole.mean ? one : most),
		null,
	);
	const others = new Map(done.map((one) => [one.key, comparedWithOthers(one, done)]));
	const ofBest = best === null ? undefined : others.get(best.key);
	return new Map(
		places.map(({ key, cells, scores }) => [
			key,
			{
				key,
				cells,
				over: over(cells),
				seeds: scores?.scores.seeds ?? [],
				runs: runsOf(cells, measured),
				change: scores?.estimate ?? null,
				rank: key === best?.key ? first : (ofBest?.get(key) ?? null),
				equals: [...(others.get(key) ?? [])].flatMap(([other, side]) => (side === 'equal' ? [other] : [])),
			},
		]),
	);
}

interface Measured {
	readonly key: string;
	readonly scores: MeasuredScores;
}

/** Every other entry that shares a seed: whether it is equal to this one up to chance, or which side it is on. */
function comparedWithOthers(
	one: Measured,
	all: readonly Measured[],
): ReadonlyMap<string, 'equal' | 'below' | null> {
	const compared = all
		.filter(({ key }) => key !== one.key)
		.map(({ key, scores }) => ({ key, ...compareScores(one.scores, scores) }));
	return new Map(
		withVerdicts(compared)
			.filter(({ seeds }) => seeds > 0)
			.map(({ key, verdict }) => [key, verdict === 'equal' ? 'equal' : verdict === 'above' ? 'below' : null]),
	);
}

function runsOf(cells: readonly string[], { runs, outcomes }: MeasuredGrid): TableEntry['runs'] {
	const own = outcomes.filter(({ cell }) => cells.includes(cell));
	return {
		done: own.filter(({ figures }) => figures !== null).length,
		failed: own.filter(({ figures }) => figures === null).length,
		planned: runs.filter(({ cell }) => cells.includes(cell)).length,
	};
}

/** The axes beside the two chosen ones, on which the cells of one place differ. */
function averagedOver(
	places: readonly Place[],
	axes: readonly GridAxis[],
	chosen: readonly (GridAxis | null)[],
): readonly GridAxis[] {
	const others = axes.filter(
		(axis) => !chosen.includes(axis) && places.some(({ cells }) => valuesIn(axis, cells).labels.length > 1),
	);
	// The settings of named cells say more than their names.
	const settings = others.filter(({ id }) => id !== CELL_AXIS);
	return settings.length === 0 ? others : settings;
}

function valuesIn({ id, values }: GridAxis, cells: readonly string[]): AveragedSetting {
	const own = values.filter((value) => value.cells.some((cell) => cells.includes(cell)));
	return { id, labels: own.map(({ label }) => label) };
}

/** True if two places hold different values of a setting. */
function isUneven(places: readonly Place[], { values }: GridAxis): boolean {
	const held = places
		.filter(({ cells }) => cells.length > 0)
		.map(({ cells }) => values.map((value) => value.cells.some((cell) => cells.includes(cell))).join());
	return new Set(held).size > 1;
}

function basis(cells: readonly MeasuredCell[]): Pick<GridTable, 'before' | 'prompts'> {
	const greedy = cells.flatMap(({ figures }) => figures.map((one) => one.figures.greedy));
	if (greedy.length === 0) return { before: null, prompts: 0 };
	const before = greedy.map(({ beforeScores }) => mean(beforeScores));
	const isOne = Math.max(...before) - Math.min(...before) < SAME_SCORE;
	return {
		before: isOne ? mean(before) : null,
		prompts: Math.min(...greedy.map(({ prompts }) => prompts.length)),
	};
}

/** Scores before training that differ by less are those of one model on the same prompts. */
const SAME_SCORE = 1e-9;
