/** The report of a grid. */
import type { Cell } from './cells.ts';
import type { Grid } from './grid.ts';
import type { RunOutcome } from './outcome.ts';
import type { GridResults } from './results.ts';
import type { GridRun } from './runs.ts';

export interface ReportedGrid {
	readonly grid: Grid;
	readonly cells: readonly Cell[];
	/** All runs of the grid. */
	readonly runs: readonly GridRun[];
	/** Of the runs that have ended. */
	readonly outcomes: readonly RunOutcome[];
	readonly results: GridResults;
}

export function gridReport({ grid }: ReportedGrid): string {
	return `<!doctype html><title>${grid.name}</title>`;
}
