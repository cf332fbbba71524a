/** The grids of runs that this browser stores, and the grid that the page shows. */
import { StorageError, toWire, type WireError } from '#core/errors.ts';
import type { Grid } from '#core/grid/grid.ts';
import { gridRuns } from '#core/grid/runs.ts';
import {
	STORED_GRID_SCHEMA,
	type DamagedGrid,
	type GridSummary,
	type StoredGrid,
} from '#core/grid/stored.ts';
import { Latest } from '../latest.ts';
import { gridElsewhere, GridSession, lockOf } from './gridSession.svelte.ts';
import type { RunParts } from '../run/run.svelte.ts';
import type { GridParts } from './gridPlayer.ts';

export class Grids {
	readonly #parts: GridParts;
	readonly #refreshes = new Latest();
	/** Sessions of this visit by id: a grid at work goes on while the page shows something else. */
	readonly #sessions = new Map<string, GridSession>();

	#stored: readonly GridSummary[] = $state.raw([]);
	/** Stored grids that cannot be read, each with its reason. */
	damaged: readonly DamagedGrid[] = $state.raw([]);
	/** Why the grids could not be listed, opened or changed; else null. */
	error: WireError | null = $state.raw(null);
	/** The grid that the page shows, or null. */
	current: GridSession | null = $state.raw(null);

	/** @param page the rows, adapters and times that runs start from */
	constructor(
		parts: RunParts,
		{ imported, begin, durations }: Pick<GridParts, 'imported' | 'begin' | 'durations'>,
	) {
		this.#parts = { ...parts, imported, begin, durations };
		parts.ports.store.onRemoved((id) => {
			for (const session of this.#sessions.values()) session.onRunRemoved(id);
		});
	}

	/** The newest first, each as this tab has it, else as the store has it. */
	get list(): readonly GridSummary[] {
		return this.#stored.map((stored) => this.#sessions.get(stored.id)?.summary(stored) ?? stored);
	}

	/** True if this tab has a run of a grid in memory, at work or paused. */
	holds({ id, key }: { readonly id: string; readonly key: string }): boolean {
		return (this.#sessions.get(id)?.liveRun(key) ?? null) !== null;
	}

	/** The grid that is at work in this tab, or null. */
	get working(): GridSession | null {
		return [...this.#sessions.values()].find(({ state }) => state === 'running') ?? null;
	}

	/** Reads the list again. Never throws; an error of another action stays. */
	async refresh(): Promise<void> {
		const isLatest = this.#refreshes.begin();
		try {
			const { grids, damaged } = await this.#parts.ports.grids.survey();
			if (!isLatest()) return;
			this.#stored = grids.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
			this.damaged = damaged;
		} catch (error) {
			if (isLatest()) this.error ??= toWire(error);
		}
	}

	/** Stores a new grid and opens it, without starting it. Null if it is not usable; `error` says why. */
	async create(grid: Grid): Promise<GridSession | null> {
		return this.#try(async () => {
			const { newId, clock, storage, grids } = this.#parts.ports;
			const runs = gridRuns(grid);
			// Not awaited, because some browsers ask the user.
			void storage.persist().catch(() => null);
			const createdAt = clock.date();
			const cells = new Set(runs.map(({ cell }) => cell)).size;
			const stored: StoredGrid = {
				schema: STORED_GRID_SCHEMA,
				id: newId(),
				edition: 0,
				createdAt,
				changedAt: createdAt,
				state: 'planned',
				grid,
				started: [],
				cells,
				runs: runs.length,
				done: 0,
			};
			const edition = await grids.write(stored).catch((error: unknown) => {
				this.error = toWire(error);
				return 0;
			});
			const session = new GridSession(this.#parts, { ...stored, edition });
			this.#sessions.set(session.id, session);
			this.current = session;
			await this.refresh();
			return session;
		});
	}

	/**
	 * Opens a stored grid. One that was at work when its tab was closed continues, unless another grid is at work here. Null if it cannot
	 * be read; `error` says why.
	 */
	async open(id: string): Promise<GridSession | null> {
		return this.#try(async () => {
			const known = this.#sessions.get(id);
			if (known !== undefined) return (this.current = known);
			const { grids } = this.#parts.ports;
			const stored = await grids.read(id);
			if (stored === null) throw gone();
			const session = new GridSession(this.#parts, stored, await grids.outcomes(id));
			this.#sessions.set(id, session);
			this.current = session;
			await session.readPlaces();
			if (stored.state === 'running' && this.working === null) void session.start();
			return session;
		});
	}

	/** Shows no grid. A grid at work goes on. */
	close(): void {
		this.current = null;
	}

	/** Deletes a grid and its runs. If a tab works on it, `error` says so. @param keepsRuns true leaves the runs on the shelf */
	async remove(id: string, keepsRuns = false): Promise<void> {
		await this.#try(async () => {
			const { grids, locks, store } = this.#parts.ports;
			const name = this.list.find((grid) => grid.id === id)?.name ?? 'The grid';
			if ((await locks.held()).has(lockOf(id))) throw gridElsewhere(name);
			const runIds = this.list.find((grid) => grid.id === id)?.runIds ?? [];
			if (!keepsRuns) for (const runId of runIds) await store.remove(runId);
			await grids.remove(id);
			this.#sessions.delete(id);
			if (this.current?.id === id) this.current = null;
		});
		await this.refresh();
	}

	async #try<T>(work: () => Promise<T>): Promise<T | null> {
		try {
			this.error = null;
			return await work();
		} catch (error) {
			this.error = toWire(error);
			return null;
		}
	}
}

function gone(): StorageError {
	return new StorageError('This grid is no longer stored in this browser.', {
		code: 'grid-gone',
		hint: 'It was deleted, perhaps in another tab.',
	});
}
