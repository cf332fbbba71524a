// The files of a grid's results, and the line that ends the script.
import { gridCells } from '../../src/core/grid/cells.ts';
import { gridCsv } from '../../src/core/grid/csv.ts';
import { mainEffects } from '../../src/core/grid/effects.ts';
import { gridReport } from '../../src/core/grid/report/report.ts';
import { gridResults } from '../../src/core/grid/results.ts';
import { tableLatex } from '../../src/core/grid/table/latex.ts';
import { tableMarkdown } from '../../src/core/grid/table/markdown.ts';
import { gridAxes } from '../../src/core/grid/table/axes.ts';
import { gridTable } from '../../src/core/grid/table/table.ts';

/** @typedef {import('../../src/core/grid/outcome.ts').RunOutcome} RunOutcome */
/** @typedef {import('../../src/core/grid/runs.ts').PlannedRun} PlannedRun */
/** @typedef {import('../../src/core/grid/results.ts').GridResults} GridResults */

/**
 * @param {import('../../src/core/grid/grid.ts').Grid} grid
 * @param {readonly PlannedRun[]} planned
 * @param {readonly RunOutcome[]} outcomes in the order of the grid's runs
 */
export function resultFiles(grid, planned, outcomes) {
	const cells = gridCells(grid);
	const results = gridResults(cells, outcomes, grid.compare);
	const runs = planned.map(({ run }) => run);
	const measured = { grid, cells, runs, outcomes };
	const table = gridTable(measured);
	const effects = mainEffects(measured);
	const json = { schema: 1, name: grid.name, cells, results, table, effects, runs: outcomes };
	return {
		results,
		files: {
			'results.json': `${JSON.stringify(json)}\n`,
			'results.csv': gridCsv(outcomes, gridAxes(grid, cells)),
			'table.md': tableMarkdown(table),
			'table.tex': tableLatex(table),
			'report.html': gridReport({ ...measured, results }),
		},
	};
}

/**
 * @param {GridResults} results
 * @param {{ out: string, planned: readonly PlannedRun[], outcomes: ReadonlyMap<string, RunOutcome> }} grid
 */
export function summaryOf({ cells }, { out, planned, outcomes }) {
	const ended = [...outcomes.values()];
	return {
		out,
		runs: planned.length,
		done: ended.filter(({ figures }) => figures !== null).length,
		failed: ended.filter(({ figures }) => figures === null).length,
		cells: cells.map(({ cell, seeds, greedy, rank, marks }) => ({
			cell,
			seeds: seeds.length,
			before: greedy?.before ?? null,
			after: greedy?.after.score ?? null,
			change: greedy?.change ?? null,
			rank,
			marks: marks.length,
		})),
	};
}
