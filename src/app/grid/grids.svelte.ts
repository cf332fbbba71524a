/** The grids of runs that this browser stores, and the grid that the page shows. */
import { FormatError, StorageError, toWire, type WireError } from '#core/errors.ts';
import { unpackGrid } from '#core/grid/file.ts';
import type { Grid } from '#core/grid/grid.ts';
import type { RunOutcome } from '#core/grid/outcome.ts';
import type { GridWithOutcomes } from '#core/grid/readResults.ts';
import { gridRuns } from '#core/grid/runs.ts';
import {
	STORED_GRID_SCHEMA,
	type DamagedGrid,
	type GridSummary,
	type StoredGrid,
} from '#core/grid/stored.ts';
import type { RecordedGrid } from '../library/recordings.ts';
import { Latest } from '../latest.ts';
import { counted } from '../text/format.ts';
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
			const { newId, storage } = this.#parts.ports;
			// Not awaited, because some browsers ask the user.
			void storage.persist().catch(() => null);
			return this.#keep(newId(), grid, []);
		});
	}

	/**
	 * Stores a grid with figures that were measured elsewhere, and opens it. Runs without figures wait to be run; the session's `error`
	 * says how many have figures that cannot be used. Null if the grid is not usable; `error` says why.
	 */
	async adopt({ grid, outcomes, damaged }: GridWithOutcomes, id?: string): Promise<GridSession | null> {
		return this.#try(async () => {
			const session = await this.#keep(id ?? this.#parts.ports.newId(), grid, outcomes);
			const unused = damaged + outcomes.length - session.outcomes.length;
			if (unused > 0) session.error = toWire(figuresUnused(unused));
			return session;
		});
	}

	/** Opens a grid that comes with the page; it is downloaded unless this browser has it. Null if it cannot be read; `error` says why. */
	async openRecorded({ id, file, name }: RecordedGrid): Promise<GridSession | null> {
		if (await this.#known(id)) return this.open(id);
		const measured = await this.#try(async () => unpackGrid(name, await this.#parts.ports.recordedRun(file)));
		return measured === null ? null : this.adopt(measured, id);
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

	async #known(id: string): Promise<boolean> {
		if (this.#sessions.has(id)) return true;
		return (await this.#parts.ports.grids.read(id).catch(() => null)) !== null;
	}

	/** Stores a grid and opens it. If the store refuses it, the grid stays in memory, and `error` says why. */
	async #keep(id: string, grid: Grid, outcomes: readonly RunOutcome[]): Promise<GridSession> {
		const { clock, grids } = this.#parts.ports;
		const runs = gridRuns(grid);
		const identities = new Map(runs.map(({ key, identity }) => [key, identity]));
		const own = outcomes.filter(({ key, identity }) => identities.get(key) === identity);
		const done = own.filter(({ figures }) => figures !== null).length;
		const createdAt = clock.date();
		const stored: StoredGrid = {
			schema: STORED_GRID_SCHEMA,
			id,
			edition: 0,
			createdAt,
			changedAt: createdAt,
			state: own.length === 0 ? 'planned' : own.length === runs.length ? 'done' : 'paused',
			grid,
			started: [],
			cells: new Set(runs.map(({ cell }) => cell)).size,
			runs: runs.length,
			done,
		};
		let edition = 0;
		try {
			edition = await grids.write(stored);
			for (const outcome of own) await grids.writeOutcome(id, outcome);
		} catch (error) {
			this.error = toWire(error);
		}
		const session = new GridSession(this.#parts, { ...stored, edition }, own);
		this.#sessions.set(id, session);
		this.current = session;
		await this.refresh();
		return session;
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

function figuresUnused(count: number): FormatError {
	return new FormatError(`The file’s figures of ${counted(count, 'run')} cannot be used.`, {
		code: 'grid-figures-unused',
		hint: 'They are damaged, or another version made them with other settings. The grid runs these again when you start or continue it.',
	});
}

function gone(): StorageError {
	return new StorageError('This grid is no longer stored in this browser.', {
		code: 'grid-gone',
		hint: 'It was deleted, perhaps in another tab.',
	});
}
