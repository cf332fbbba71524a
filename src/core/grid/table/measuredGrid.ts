import type { Cell } from '../cell.ts';
import type { Grid } from '../grid.ts';
import type { RunOutcome } from '../outcome.ts';
import type { GridRun } from '../runs.ts';

/** A grid with the outcomes of its runs so far. */
export interface MeasuredGrid {
	readonly grid: Grid;
	readonly cells: readonly Cell[];
	/** All runs of the grid. */
	readonly runs: readonly Pick<GridRun, 'cell' | 'seed'>[];
	/** Of the runs that have ended. */
	readonly outcomes: readonly RunOutcome[];
}
