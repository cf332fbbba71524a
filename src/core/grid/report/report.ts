/** The report of a grid: one page of HTML without any other file, with its figures as vectors, for the screen and for paper. */
import { escapeMarkup } from '../../format/markup.ts';
import { cellLabels } from '../cellLabels.ts';
import type { RunOutcome } from '../outcome.ts';
import type { GridResults } from '../results.ts';
import type { TableAxes } from '../table/axes.ts';
import type { MeasuredGrid } from '../table/measuredGrid.ts';
import { gridTable } from '../table/table.ts';
import { changeFigure, curveFigures, effectFigure } from './figures.ts';
import { REPORT_STYLE } from './style.ts';
import { comparisonTable, familyTable, resultTable, runTable, scoreTable, trainingTable } from './tables.ts';

export interface ReportedGrid extends MeasuredGrid {
	readonly results: GridResults;
	/** Of its table and its curves; default: the paper's form, see `standardAxes`. */
	readonly axes?: TableAxes | undefined;
}

export function gridReport(reported: ReportedGrid): string {
	const { grid, cells, outcomes, axes } = reported;
	const labels = cellLabels(grid, cells);
	const label = (cell: string): string => labels.get(cell) ?? cell;
	const results = withLabels(reported.results, label);
	const sections: readonly (readonly [title: string, content: string])[] = [
		['Results', resultTable(gridTable(reported, axes))],
		['What mattered', effectFigure(reported)],
		['Change of the held-out score', changeFigure(results)],
		['Scores', scoreTable(results)],
		['Pairs and training', trainingTable(results)],
		['Cells against each other', comparisonTable(results)],
		['Families', familyTable(results)],
		['Curves', curveFigures(reported, axes)],
		[
			'Signs of a broken model',
			list(results.cells.flatMap(({ cell, marks }) => marks.map((mark) => `${cell}, ${mark}`))),
		],
		['Failed runs', list(failures(results))],
		['Runs', runTable(outcomes.map((outcome) => ({ ...outcome, cell: label(outcome.cell) })))],
		['How the intervals are made', METHOD],
		['Settings', settings(reported)],
	];
	const body = sections
		.filter(([, content]) => content !== '')
		.map(([title, content]) => `<section><h2>${title}</h2>${content}</section>`);
	const name = escapeMarkup(grid.name);
	return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${name}</title><style>${REPORT_STYLE}</style></head>
<body><h1>${name}</h1>${summary(reported)}${body.join('\n')}</body></html>
`;
}

/** The tables name cells as the page does, and the settings as files do. */
function withLabels(results: GridResults, label: (cell: string) => string): GridResults {
	return {
		...results,
		cells: results.cells.map((one) => ({ ...one, cell: label(one.cell) })),
		comparisons: results.comparisons.map((one) => ({ ...one, a: label(one.a), b: label(one.b) })),
	};
}

function summary({ cells, runs, outcomes, grid }: ReportedGrid): string {
	const done = outcomes.filter(({ figures }) => figures !== null).length;
	const seeds = [...new Set(runs.map(({ seed }) => seed))];
	const prompts = outcomes.find(({ figures }) => figures !== null)?.figures?.greedy.prompts.length ?? 0;
	const unfinished = done < runs.length ? ' The grid is not finished.' : '';
	return `<p>${cells.length} cells with ${seeds.length === 1 ? `seed ${seeds.join()}` : `${seeds.length} seeds (${seeds.join(', ')})`}, ${prompts} held-out prompts, model ${escapeMarkup(grid.base.model)}. ${done} of ${runs.length} runs are done.${unfinished}</p>`;
}

function failures({ cells }: GridResults): string[] {
	return cells.flatMap(({ cell, failures: own }) =>
		own.map(({ seed, message }) => `${cell}, seed ${seed}: ${message}`),
	);
}

function list(items: readonly string[]): string {
	return items.length === 0
		? ''
		: `<ul>${items.map((item) => `<li>${escapeMarkup(item)}</li>`).join('')}</ul>`;
}

const METHOD = `<p>Each interval is a 95% percentile bootstrap. Seeds and held-out prompts are drawn with replacement, with the same draws for
all cells, so that a difference between two cells is paired by seed and prompt. A p-value is that of the difference over its bootstrap
standard error, by the normal distribution; Holm’s correction keeps the chance of any false difference in a list below 5%. With one
seed, an interval says nothing about other seeds.</p>`;

function settings({ grid, cells, outcomes }: ReportedGrid): string {
	const named = cells.map(({ name, settings: own, begin }) => ({
		cell: name,
		...Object.fromEntries(own.map(({ path, value }) => [path, value])),
		...(begin === null ? {} : { begin }),
	}));
	const parts: readonly (readonly [string, string])[] = [
		['Cells', named.map((cell) => JSON.stringify(cell)).join('\n')],
		['Base recipe', JSON.stringify(grid.base, null, 2)],
	];
	const json = parts.map(([title, text]) => `<p class="quiet">${title}</p><pre>${escapeMarkup(text)}</pre>`);
	return `${list(madeWith(outcomes))}${json.join('')}`;
}

/** A line for each device and set of versions that made runs, with their number. */
function madeWith(outcomes: readonly RunOutcome[]): string[] {
	const counts = new Map<string, number>();
	for (const { madeWith: made } of outcomes) {
		if (made === null) continue;
		const { device, versions } = made;
		const where = device === null ? 'an unknown device' : `${device.description} (${device.backend})`;
		const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
		const line = `made on ${where} with ${packages.join(', ') || 'unknown versions'}`;
		counts.set(line, (counts.get(line) ?? 0) + 1);
	}
	return [...counts].map(([line, count]) => `${count} ${count === 1 ? 'run' : 'runs'} ${line}`);
}
