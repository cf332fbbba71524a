/** The export menu of a grid: each entry writes one file and downloads it. */
import type { GridSession } from '#app/grid/gridSession.svelte.ts';
import { toWire } from '#core/errors.ts';
import { gridJson } from '#core/grid/json.ts';
import { RESULT_FILES, type ResultFile } from '#core/grid/resultFiles.ts';
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

/** A file of the results, with the axes of the table on the page. */
const results =
	(file: ResultFile): GridExport['write'] =>
	(grid) =>
		RESULT_FILES[file](grid, grid.axes ?? undefined);

const EXPORTS: readonly GridExport[] = [
	{
		label: 'Report',
		detail: 'a page to read and print: tables, figures, settings',
		ending: 'report.html',
		type: 'text/html',
		write: results('report.html'),
	},
	{
		label: 'Table as LaTeX',
		detail: 'for a paper, with the packages booktabs and graphicx',
		ending: 'table.tex',
		type: 'text/x-tex',
		write: results('table.tex'),
	},
	{
		label: 'Table as Markdown',
		detail: 'for notes and issues',
		ending: 'table.md',
		type: 'text/markdown',
		write: results('table.md'),
	},
	{
		label: 'Runs as CSV',
		detail: 'one row per run',
		ending: 'results.csv',
		type: 'text/csv',
		write: results('results.csv'),
	},
	{
		label: 'Results as JSON',
		detail: 'everything, as “npm run ablate” writes it',
		ending: 'results.json',
		type: 'application/json',
		write: results('results.json'),
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

export function gridExports(
	grid: GridSession,
): { label: string; detail: string; disabled: boolean; onclick: () => void }[] {
	return EXPORTS.map((form) => ({
		label: form.label,
		detail: form.detail,
		disabled: form.early !== true && grid.outcomes.length === 0,
		onclick: () => save(grid, form),
	}));
}

/** If the grid cannot be written in this form, its `error` says why. */
function save(grid: GridSession, { ending, type, write }: GridExport): void {
	try {
		saveFile(`${fileStem(grid.name)}.${ending}`, write(grid), type);
	} catch (thrown) {
		grid.error = toWire(thrown);
	}
}
