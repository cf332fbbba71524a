/** Names of cells in the words of the page: "CLAIR, APO-zero, β 0.1". */
import type { Cell } from '#core/grid/cell.ts';
import type { Grid } from '#core/grid/grid.ts';
import { runColumns } from '#core/grid/runRows.ts';
import { gridAxes } from '#core/grid/table/axes.ts';

/** By the name of the cell in its grid. */
export function cellLabels(grid: Grid, cells: readonly Cell[]): ReadonlyMap<string, string> {
	const varied = grid.vary.map(({ path }) => path);
	const axes = runColumns(gridAxes(grid, cells), varied);
	return new Map(
		cells.map(({ name }) => {
			const parts = axes.flatMap(({ title, values }) => {
				const label = values.find((value) => value.cells.includes(name))?.label;
				if (label === undefined || label === '') return [];
				// A number says nothing without the name of its setting.
				return [Number.isNaN(Number(label)) ? label : `${title} ${label}`];
			});
			return [name, parts.length === 0 ? name : parts.join(', ')];
		}),
	);
}
