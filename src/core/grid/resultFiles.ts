/** The files of a grid’s results: `npm run ablate` writes all of them, and the page exports them one by one. */
import { gridCsv } from './csv.ts';
import { mainEffects } from './effects.ts';
import { gridReport } from './report/report.ts';
import { gridResults, type GridResults } from './results.ts';
import { gridAxes } from './table/axes.ts';
import { tableLatex } from './table/latex.ts';
import { tableMarkdown } from './table/markdown.ts';
import type { MeasuredGrid } from './table/measuredGrid.ts';
import { gridTable } from './table/table.ts';

/** The text of each file, by its name. */
export const RESULT_FILES = {
	'results.json': (measured) => {
		const { grid, cells, outcomes } = measured;
		const [table, effects] = [gridTable(measured), mainEffects(measured)];
		const results = resultsOf(measured);
		return `${JSON.stringify({ schema: 1, name: grid.name, cells, results, table, effects, runs: outcomes })}\n`;
	},
	'results.csv': ({ grid, cells, outcomes }) => gridCsv(outcomes, gridAxes(grid, cells)),
	'table.md': (measured) => tableMarkdown(gridTable(measured)),
	'table.tex': (measured) => tableLatex(gridTable(measured)),
	'report.html': (measured) => {
		const { grid, cells, runs, outcomes } = measured;
		return gridReport({ grid, cells, runs, outcomes, results: resultsOf(measured) });
	},
} as const satisfies Readonly<Record<string, (measured: MeasuredGrid) => string>>;

/** The pairs of cells that the grid names are compared. */
export function resultsOf({ grid, cells, outcomes }: MeasuredGrid): GridResults {
	return gridResults(cells, outcomes, grid.compare);
}
