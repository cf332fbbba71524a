/** A page with a grid, on doubles of the engines. */
import { vi } from 'vitest';
import type { AppPorts } from '#app/ports.ts';
import type { GridRunView, GridSession } from '#app/grid/gridSession.svelte.ts';
import { Session } from '#app/session.svelte.ts';
import { readGrid, type Grid } from '#core/grid/grid.ts';
import { createFakes, SMALL, type FakeStore, type Fakes } from './fakes.ts';
import { MemoryGridStore } from './gridStore.ts';

export function gridOf(parts: Readonly<Record<string, unknown>>): Grid {
	return readGrid({ schema: 1, base: { ...SMALL }, ...parts });
}

const TWO_BY_TWO = gridOf({ vary: { objective: ['apo_zero', 'dpo'], seed: [1, 2] } });

export interface Page extends Fakes {
	session: Session;
	grids: MemoryGridStore;
}

interface Given extends Partial<Pick<AppPorts, 'recordedRun'>> {
	store?: FakeStore;
	grids?: MemoryGridStore;
}

/** A page; the stores of an earlier one are the browser's storage after a reload. */
export async function page({ store, grids = new MemoryGridStore(), ...ports }: Given = {}): Promise<Page> {
	const fakes = createFakes(store);
	const session = new Session({ ...fakes.ports, grids, ...ports });
	await session.start();
	return { ...fakes, session, grids };
}

export async function create({ session }: Page, grid: Grid = TWO_BY_TWO): Promise<GridSession> {
	const made = await session.grids.create(grid);
	if (made === null) throw new Error(session.grids.error?.message);
	return made;
}

export const statuses = (grid: GridSession): string[] => grid.runs.map(({ status }) => status);
export const run = (grid: GridSession, i: number): GridRunView => grid.runs[i]!;

/** Waits until a run has taken a training step. */
export async function trains(grid: GridSession, i: number): Promise<void> {
	await vi.waitUntil(() => run(grid, i).step > 0, { interval: 0, timeout: 20_000 });
}
