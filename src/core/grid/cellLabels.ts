/** Names of cells in the words of the page: "CLAIR, APO-zero, β 0.1". */
import type { Cell } from './cell.ts';
import type { CellFault } from './cells.ts';
import type { Grid } from './grid.ts';
import { runColumns } from './runRows.ts';
import { gridAxes, settingTitle, valueLabel, withTitle } from './table/axes.ts';

/** By the name of the cell in its grid. */
export function cellLabels(grid: Grid, cells: readonly Cell[]): ReadonlyMap<string, string> {
	const varied = grid.vary.map(({ path }) => path);
	const axes = runColumns(gridAxes(grid, cells), varied);
	return new Map(
		cells.map(({ name }) => {
			const parts = axes.flatMap(({ title, values }) => {
				const label = values.find((value) => value.cells.includes(name))?.label;
				return label === undefined || label === '' ? [] : [withTitle(title, label)];
			});
			return [name, parts.length === 0 ? name : parts.join(', ')];
		}),
	);
}

/** Of a cell that cannot run. */
export function faultLabel({ cell, named, varied }: Pick<CellFault, 'cell' | 'named' | 'varied'>): string {
	const values = varied.map(({ path, value }) => withTitle(settingTitle(path), valueLabel(path, value)));
	return [named, ...values].filter((part) => part !== '').join(', ') || cell;
}
