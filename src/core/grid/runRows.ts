/** The runs of a grid as a table: the settings that differ, and the figures that tell runs apart; sorted and filtered. */
import type { RunOutcome } from './outcome.ts';
import { CELL_AXIS, type GridAxis } from './table/axes.ts';

/** Figures of a run by column. */
export const RUN_FIGURES = ['before', 'after', 'change', 'margin', 'KL', 'pairs', 'seconds'] as const;
export type RunFigure = (typeof RUN_FIGURES)[number];

export interface RunRow {
	readonly key: string;
	readonly cell: string;
	readonly seed: number;
	/** Labels by title of the setting. */
	readonly settings: ReadonlyMap<string, string>;
	/** For example "done", "failed", "waiting". */
	readonly status: string;
	/** Null if the run has not ended, or if it failed. */
	readonly figures: Readonly<Record<RunFigure, number | null>>;
	/** Signs of a broken model, or why the run failed; empty if there are none. */
	readonly note: string;
}

/** A run with its outcome, if it has one. */
export interface ListedRun {
	readonly key: string;
	readonly cell: string;
	readonly seed: number;
	readonly status: string;
	readonly outcome: RunOutcome | null;
}

/** Axes whose settings a run table shows: the named cells, if there are some, stand for their settings. */
export function runColumns(axes: readonly GridAxis[], varied: readonly string[]): readonly GridAxis[] {
	const hasNames = axes.some(({ id }) => id === CELL_AXIS);
	return hasNames ? axes.filter(({ id }) => id === CELL_AXIS || varied.includes(id)) : axes;
}

export function runRows(runs: readonly ListedRun[], axes: readonly GridAxis[]): readonly RunRow[] {
	return runs.map(({ key, cell, seed, status, outcome }) => ({
		key,
		cell,
		seed,
		status,
		settings: new Map(
			axes.map(({ title, values }) => [title, values.find(({ cells }) => cells.includes(cell))?.label ?? '']),
		),
		figures: figuresOf(outcome),
		note: outcome?.error?.message ?? outcome?.figures?.marks.join('; ') ?? '',
	}));
}

function figuresOf(outcome: RunOutcome | null): RunRow['figures'] {
	const figures = outcome?.figures ?? null;
	if (figures === null) return NO_FIGURES;
	const { greedy, rewards, drift, pairs, wallSeconds } = figures;
	return {
		before: greedy.before.score,
		after: greedy.after.score,
		change: greedy.difference.score,
		margin: rewards.margins,
		KL: drift?.kl.score ?? null,
		pairs: pairs.kept,
		seconds: wallSeconds,
	};
}

const NO_FIGURES: RunRow['figures'] = {
	before: null,
	after: null,
	change: null,
	margin: null,
	KL: null,
	pairs: null,
	seconds: null,
};

export interface RunOrder {
	/** A figure, "seed", "status", or the title of a setting; null keeps the order of the grid. */
	readonly column: string | null;
	readonly descending: boolean;
	/** Words that a row must all contain, in any column. */
	readonly filter: string;
}

/** Rows without the figure come last, whichever the direction. */
export function arrangeRuns(
	rows: readonly RunRow[],
	{ column, descending, filter }: RunOrder,
): readonly RunRow[] {
	const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
	const shown = rows.filter((row) => {
		const text = textOf(row);
		return words.every((word) => text.includes(word));
	});
	if (column === null) return shown;
	const factor = descending ? -1 : 1;
	return shown.toSorted((a, b) => {
		const [first, second] = [valueIn(a, column), valueIn(b, column)];
		if (first === null || second === null) return Number(first === null) - Number(second === null);
		if (typeof first === 'number' && typeof second === 'number') return factor * (first - second);
		return factor * String(first).localeCompare(String(second), 'en', { numeric: true });
	});
}

function textOf({ cell, seed, settings, status, note }: RunRow): string {
	return [cell, `seed ${seed}`, ...settings.values(), status, note].join(' ').toLowerCase();
}

function valueIn({ seed, status, settings, figures }: RunRow, column: string): number | string | null {
	if (column === 'seed') return seed;
	if (column === 'status') return status;
	const label = settings.get(column);
	if (label !== undefined) return label;
	const value = RUN_FIGURES.includes(column as RunFigure) ? figures[column as RunFigure] : null;
	return value !== null && Number.isFinite(value) ? value : null;
}
