/** Ways between a grid and the page of one run. */
import type { GridRunView, GridSession } from '#app/grid/gridSession.svelte.ts';
import type { Session } from '#app/session.svelte.ts';

/** Runs of a grid can be looked at once they are stored and no longer at work. */
export function canOpen({ runId, status }: Pick<GridRunView, 'runId' | 'status'>): boolean {
	return runId !== null && status !== 'running';
}

/** Opens a run of a grid as any other run. If it cannot be opened, the Shelf says why. */
export async function openGridRun(session: Session, grid: GridSession, key: string): Promise<void> {
	const run = grid.runs.find((one) => one.key === key);
	if (run === undefined || run.runId === null || !canOpen(run)) return;
	if (session.run.id === run.runId) session.place = 'loop';
	else await session.open(run.runId);
}

/** Asks for the run to compare a run of a grid with; the other runs of the grid come first. */
export async function compareGridRun(session: Session, grid: GridSession, key: string): Promise<void> {
	const runId = grid.runs.find((one) => one.key === key && canOpen(one))?.runId ?? null;
	if (runId !== null) await session.twoRuns.choose(runId);
}
