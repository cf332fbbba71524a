/** The files of a grid’s results: `npm run ablate` writes all of them, and the page exports them one by one. */
import { gridCsv } from './csv.ts';
import { mainEffects } from './effects.ts';
import { gridJson } from './json.ts';
import { gridReport } from './report/report.ts';
import { gridResults, type GridResults } from './results.ts';
import { gridAxes, type TableAxes } from './table/axes.ts';
import { tableLatex } from './table/latex.ts';
import { tableMarkdown } from './table/markdown.ts';
import type { MeasuredGrid } from './table/measuredGrid.ts';
import { gridTable } from './table/table.ts';

export type ResultFile = 'results.json' | 'results.csv' | 'table.md' | 'table.tex' | 'report.html';

/** @param axes of the table; default: the paper's form, see `standardAxes` */
type WriteResults = (measured: MeasuredGrid, axes?: TableAxes) => string;

/** Writes the text of each file. */
export const RESULT_FILES: Readonly<Record<ResultFile, WriteResults>> = {
	'results.json': (measured, axes) => {
		const { grid, cells, outcomes } = measured;
		const [table, effects] = [gridTable(measured, axes), mainEffects(measured)];
		const results = resultsOf(measured);
		const whole = { schema: 1, name: grid.name, grid: gridJson(grid), cells, results, table, effects };
		return `${JSON.stringify({ ...whole, runs: outcomes })}\n`;
	},
	'results.csv': ({ grid, cells, outcomes }) => gridCsv(outcomes, gridAxes(grid, cells)),
	'table.md': (measured, axes) => tableMarkdown(gridTable(measured, axes)),
	'table.tex': (measured, axes) => tableLatex(gridTable(measured, axes)),
	'report.html': (measured, axes) => {
		const { grid, cells, runs, outcomes } = measured;
		return gridReport({ grid, cells, runs, outcomes, results: resultsOf(measured), axes });
	},
};

/** The pairs of cells that the grid names are compared. */
export function resultsOf({ grid, cells, outcomes }: MeasuredGrid): GridResults {
	return gridResults(cells, outcomes, grid.compare);
}
