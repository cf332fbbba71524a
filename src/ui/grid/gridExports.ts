/** The export menu of a grid: each entry writes one file and downloads it. */
import type { GridSession } from '#app/grid/gridSession.svelte.ts';
import type { Session } from '#app/session.svelte.ts';
import { toWire } from '#core/errors.ts';
import { gridCsv } from '#core/grid/csv.ts';
import { gridJson } from '#core/grid/json.ts';
import { gridReport } from '#core/grid/report/report.ts';
import { gridResults } from '#core/grid/results.ts';
import { gridRuns } from '#core/grid/runs.ts';
import { tableLatex } from '#core/grid/table/latex.ts';
import { tableMarkdown } from '#core/grid/table/markdown.ts';
import { gridTable } from '#core/grid/table/table.ts';
import { fileStem } from '#core/exchange/export.ts';
import { saveFile } from '../save.ts';

interface GridExport {
	readonly label: string;
	readonly detail: string;
	/** End of the file's name. */
	readonly ending: string;
	readonly type: string;
	readonly write: (grid: GridSession) => string;
	/** True if there is something to write before a run has ended. */
	readonly early?: true;
}

const EXPORTS: readonly GridExport[] = [
	{
		label: 'Report',
		detail: 'a page to read and print: tables, figures, settings',
		ending: 'report.html',
		type: 'text/html',
		write: (session) => {
			const { grid, cells, outcomes } = session;
			return gridReport({ grid, cells, runs: gridRuns(grid), outcomes, results: resultsOf(session) });
		},
	},
	{
		label: 'Table as LaTeX',
		detail: 'for a paper, in the form of the page',
		ending: 'table.tex',
		type: 'text/x-tex',
		write: (grid) => tableLatex(gridTable(grid)),
	},
	{
		label: 'Table as Markdown',
		detail: 'for notes and issues',
		ending: 'table.md',
		type: 'text/markdown',
		write: (grid) => tableMarkdown(gridTable(grid)),
	},
	{
		label: 'Runs as CSV',
		detail: 'one row per run',
		ending: 'results.csv',
		type: 'text/csv',
		write: ({ outcomes }) => gridCsv(outcomes),
	},
	{
		label: 'Results as JSON',
		detail: 'everything, as “npm run ablate” writes it',
		ending: 'results.json',
		type: 'application/json',
		write: (session) => {
			const { name, cells, outcomes } = session;
			return `${JSON.stringify({ schema: 1, name, cells, results: resultsOf(session), runs: outcomes })}\n`;
		},
	},
	{
		label: 'Grid as a file',
		detail: 'its settings, for this page and “npm run ablate”',
		ending: 'grid.json',
		type: 'application/json',
		early: true,
		write: ({ grid }) => `${JSON.stringify(gridJson(grid), null, '\t')}\n`,
	},
];

function resultsOf({ grid, cells, outcomes }: GridSession) {
	return gridResults(cells, outcomes, grid.compare);
}

export function gridExports(
	session: Session,
	grid: GridSession,
): { label: string; detail: string; disabled: boolean; onclick: () => void }[] {
	return EXPORTS.map((form) => ({
		label: form.label,
		detail: form.detail,
		disabled: form.early !== true && grid.outcomes.length === 0,
		onclick: () => save(session, grid, form),
	}));
}

/** If the grid cannot be written in this form, the list of grids says why. */
function save(session: Session, grid: GridSession, { ending, type, write }: GridExport): void {
	try {
		saveFile(`${fileStem(grid.name)}.${ending}`, write(grid), type);
	} catch (thrown) {
		session.grids.error = toWire(thrown);
	}
}
