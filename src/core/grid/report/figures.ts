/** The figures of a report. */
import type { BandMetric } from '../bands.ts';
import { mainEffects, type MainEffect } from '../effects.ts';
import { effectCaption, effectNote } from '../effectWords.ts';
import { curvePanels, curveRuns } from '../panels.ts';
import { cellLabels } from '../cellLabels.ts';
import { hasBest } from '../measuredCell.ts';
import type { GridResults } from '../results.ts';
import { gridAxes, standardAxes, type TableAxes } from '../table/axes.ts';
import type { MeasuredGrid } from '../table/measuredGrid.ts';
import { curveFigure } from './curves.ts';
import { forestFigure } from './forest.ts';

export function changeFigure({ cells }: GridResults): string {
	const isDecided = hasBest(cells);
	const rows = cells.flatMap(({ cell, greedy, rank }) =>
		greedy === null
			? []
			: [{ name: cell, estimate: greedy.change, strong: isDecided && (rank === 'best' || rank === 'equal') }],
	);
	if (rows.length === 0) return '';
	const marks = isDecided
		? 'Filled: the best cell, and those that do not clearly differ from it.'
		: 'Several cells share the largest change, so that none is the best.';
	return forestFigure(
		`Greedy score after training − before, mean over seeds, with its 95% interval. ${marks}`,
		rows,
	);
}

/** Main effects, a heading per setting; empty if no setting has one. */
export function effectFigure(measured: MeasuredGrid): string {
	const effects = mainEffects(measured);
	if (effects.length === 0) return '';
	return forestFigure(effectCaption(effects), effects.flatMap(effectRows));
}

function effectRows(effect: MainEffect): Parameters<typeof forestFigure>[1] {
	const rows = effect.values.map(({ label, effect: estimate }) => ({
		name: `  ${label}`,
		estimate,
		strong: estimate.low > 0 || estimate.high < 0,
	}));
	return [{ name: effect.title, note: effectNote(effect) }, ...rows];
}

const CURVES: readonly { readonly metric: BandMetric; readonly title: string }[] = [
	{ metric: 'score', title: 'Greedy held-out score' },
	{ metric: 'loss', title: 'Loss' },
	{ metric: 'rewards/margins', title: 'Margin (rewards/margins)' },
];
/** Cells up to which each has a panel of its own. */
const MOST_PANELS = 15;

/** Curves banded over seeds: one panel per cell, or per value of the table's columns if there are many cells. */
export function curveFigures({ grid, cells, outcomes }: MeasuredGrid, table?: TableAxes): string {
	const axes = gridAxes(grid, cells);
	const names = cells.map(({ name }) => name);
	const columns = (table ?? standardAxes(axes))?.columns ?? null;
	const axis = names.length <= MOST_PANELS ? null : (axes.find(({ id }) => id === columns) ?? null);
	const runs = curveRuns(outcomes);
	const labels = cellLabels(grid, cells);
	return CURVES.flatMap(({ metric, title }) => {
		const panels = curvePanels(runs, names, metric, { axis, axes, labels });
		const caption = `${title} by step: mean over seeds, shaded from the smallest to the largest seed.`;
		return panels.length === 0 ? [] : [curveFigure(caption, panels)];
	}).join('');
}
