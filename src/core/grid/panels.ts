/** Small multiples of a grid's curves: one panel per value of a setting, one banded line per cell. */
import { bandOf, type Band, type BandMetric } from './bands.ts';
import type { RunCurves } from './curves.ts';
import { curvesIn, type RunOutcome } from './outcome.ts';
import { withTitle, type GridAxis } from './table/axes.ts';

/** Curves of one run, finished or under way. */
export interface CurveRun {
	readonly cell: string;
	readonly curves: RunCurves;
}

export interface PanelLine {
	readonly cell: string;
	/** The cell without the words that the panel's title says. */
	readonly label: string;
	readonly band: Band;
}

export interface CurvePanel {
	readonly title: string;
	readonly lines: readonly PanelLine[];
}

/** Curves of finished runs. */
export function curveRuns(outcomes: readonly RunOutcome[]): readonly CurveRun[] {
	return outcomes.flatMap(({ cell, figures }) =>
		figures === null ? [] : [{ cell, curves: curvesIn(figures) }],
	);
}

/** Dashes of the lines of one panel: empty draws a whole line. */
const DASHES = ['', '6 3', '2 3', '9 3 2 3', '1 4'] as const;

/** `stroke-dasharray` of a line by its index in the panel, on the page and in the report. */
export function dashOf(index: number): string {
	return DASHES[index % DASHES.length] ?? '';
}

export interface PanelChoice {
	/** The setting of the panels; null gives one panel per cell. */
	readonly axis: GridAxis | null;
	/** All axes of the grid, for the labels of the lines. */
	readonly axes: readonly GridAxis[];
	/** Words for cells, by name; a cell without words has its name. */
	readonly labels?: ReadonlyMap<string, string>;
}

export function curvePanels(
	runs: readonly CurveRun[],
	cells: readonly string[],
	metric: BandMetric,
	{ axis, axes, labels }: PanelChoice,
): readonly CurvePanel[] {
	const lines = new Map(
		cells.map((cell) => [
			cell,
			bandOf(
				runs.filter((run) => run.cell === cell).map(({ curves }) => curves),
				metric,
			),
		]),
	);
	const values = axis?.values ?? cells.map((cell) => ({ label: labels?.get(cell) ?? cell, cells: [cell] }));
	const others = axes.filter((other) => other !== axis);
	return values
		.map(({ label, cells: own }) => ({
			title: axis === null ? label : withTitle(axis.title, label),
			lines: own.flatMap((cell) => {
				const band = lines.get(cell);
				if (band === undefined || band.steps.length === 0) return [];
				return [{ cell, label: own.length === 1 ? '' : labelOf(cell, own, others), band }];
			}),
		}))
		.filter((panel) => panel.lines.length > 0);
}

/** The values of a cell on the axes on which the cells of its panel differ; its name if there are none. */
function labelOf(cell: string, cells: readonly string[], axes: readonly GridAxis[]): string {
	const labels = axes.flatMap(({ values }) => {
		const own = values.filter((value) => value.cells.some((one) => cells.includes(one)));
		const value = own.find((one) => one.cells.includes(cell));
		return own.length < 2 || value === undefined ? [] : [value];
	});
	// The first axis that tells all cells apart is enough: settings of a named cell come with its name.
	const alone = labels.find((value) => value.cells.filter((one) => cells.includes(one)).length === 1);
	return (alone === undefined ? labels : [alone]).map(({ label }) => label).join(', ') || cell;
}
