/**
 * A grid of runs on the page. The runs of a seed are at work together: the device gives each a step in turn, so that their curves grow
 * side by side, and each is equal to the same run alone. The grid is stored after every change, and continues after a reload.
 */
import { AppError, toWire, type WireError } from '#core/errors.ts';
import type { Cell } from '#core/grid/cell.ts';
import { gridCells } from '#core/grid/cells.ts';
import { withClone, withMoreSeeds, type CellChange } from '#core/grid/change.ts';
import { remainingSeconds } from '#core/grid/estimate.ts';
import type { Grid } from '#core/grid/grid.ts';
import type { RunOutcome } from '#core/grid/outcome.ts';
import { gridRuns, planSharing } from '#core/grid/runs.ts';
import type { GridState, GridSummary, StoredGrid } from '#core/grid/stored.ts';
import type { TableAxes } from '#core/grid/table/axes.ts';
import { cleanName } from '#core/text/name.ts';
import type { Run } from '../run/run.svelte.ts';
import { gridEstimate, roomOf, type GridEstimate } from './gridForecast.ts';
import { GridKeeper } from './gridKeeper.svelte.ts';
import { GridPlayer, type GridParts } from './gridPlayer.ts';
import { hasEnded } from './gridQueue.ts';
import { GridRunState, type GridRunView } from './gridRunState.svelte.ts';

export type { GridRunView };

export class GridSession {
	readonly id: string;
	readonly createdAt: string;
	readonly #parts: GridParts;
	readonly #keeper: GridKeeper;
	readonly #player: GridPlayer;
	/** Ends the lock of this grid; null while this tab does not hold it. */
	#release: (() => void) | null = null;
	/** Settles when the grid is at rest. */
	#resting: Promise<void> = Promise.resolve();
	#starting = false;
	/** Two requests at once take the lock together. */
	#taking: Promise<boolean> | null = null;
	#runs: readonly GridRunState[] = $state.raw([]);

	grid: Grid;
	state: GridState = $state('planned');
	/** Why the last request was refused or the grid paused by itself, or null. */
	error: WireError | null = $state.raw(null);
	/** Axes of the table of results, on the page and in its exports, while the page is open; null takes those that suit the grid. */
	axes: TableAxes | null = $state.raw(null);
	readonly cells: readonly Cell[] = $derived.by(() => gridCells(this.grid));
	readonly estimate: GridEstimate = $derived.by(() => gridEstimate(this.#planned, this.#parts));
	/** Until all runs have ended, by the pace of this grid; null before enough of it is timed. */
	readonly secondsLeft: number | null = $derived.by(() =>
		remainingSeconds(
			this.#runs.filter((run) => !hasEnded(run)),
			this.#planned,
			this.outcomes,
		),
	);
	/** Of the runs that are done or have failed, in the order of the grid. */
	readonly outcomes: readonly RunOutcome[] = $derived.by(() =>
		this.#runs.flatMap(({ outcome }) => outcome ?? []),
	);

	/** @param outcomes of its runs, as the store has them */
	constructor(parts: GridParts, stored: StoredGrid, outcomes: readonly RunOutcome[] = []) {
		this.#parts = parts;
		this.id = stored.id;
		this.createdAt = stored.createdAt;
		this.grid = $state.raw(stored.grid);
		this.#keeper = new GridKeeper(parts.ports, () => this.#facts(), stored.edition);
		this.#player = new GridPlayer(parts, this.id, {
			runs: () => this.#runs,
			atOnce: () => roomOf(this.#planned, parts.engines).atOnce,
			goesOn: () => this.state === 'running',
			save: () => this.#keeper.save(),
			saveOutcome: (outcome) => this.#keeper.saveOutcome(outcome),
			refused: (error) => this.#pauseBecause(error),
		});
		this.#restore(stored, outcomes);
	}

	get name(): string {
		return this.grid.name;
	}

	get runs(): readonly GridRunView[] {
		return this.#runs;
	}

	/** Why the grid, a run or an outcome could not be stored, or null. All of it stays in memory. */
	get unsaved(): WireError | null {
		return this.#keeper.unsaved ?? this.#player.unsaved;
	}

	/** The run in memory, to show it on the page; null if it is not at work. */
	liveRun(key: string): Run | null {
		return this.#run(key)?.live ?? null;
	}

	/**
	 * Starts, or continues after a pause or a reload. Settles when the grid is done or paused. If another tab works on the grid or the
	 * store is full, `error` says so.
	 */
	start(): Promise<void> {
		if (this.state === 'running' || this.#starting) return this.#resting;
		this.#starting = true;
		this.#resting = this.#resting.then(() => this.#start());
		return this.#resting;
	}

	/** Every run finishes its current item, then waits. */
	async pause(): Promise<void> {
		if (this.state !== 'running') return;
		this.state = 'paused';
		this.#player.pause();
		await this.#keeper.save();
	}

	/** Stops a run. Its finished work is kept, and `retry` continues it. */
	async stopRun(key: string): Promise<void> {
		const run = this.#run(key);
		if (run !== undefined) await this.#edit(() => this.#player.stop(run));
	}

	/** Stops all runs of a cell that have not ended. */
	async stopCell(cell: string): Promise<void> {
		await this.#edit(() => {
			for (const run of this.#runs) if (run.cell === cell) this.#player.stop(run);
		});
	}

	/** Puts a failed or stopped run back in its place. It continues from its last checkpoint. */
	async retry(key: string): Promise<void> {
		const run = this.#run(key);
		if (run === undefined || (run.status !== 'failed' && run.status !== 'stopped')) return;
		await this.#edit(() => run.again());
	}

	/** Adds a cell that differs from another one in one setting. @returns false if it is refused; `error` says why */
	cloneCell(cell: string, change: CellChange, name?: string): Promise<boolean> {
		return this.#edit(() => this.#setGrid(withClone(this.grid, cell, change, name)));
	}

	/** Adds seeds to a cell, or to all. @returns false if they are refused; `error` says why */
	addSeeds(seeds: readonly number[], cell?: string): Promise<boolean> {
		return this.#edit(() => this.#setGrid(withMoreSeeds(this.grid, seeds, cell)));
	}

	rename(name: string): Promise<boolean> {
		const clean = cleanName(name);
		if (clean === '') return Promise.resolve(false);
		return this.#edit(() => void (this.grid = { ...this.grid, name: clean }));
	}

	/** Reads how far the unfinished runs had come, to show it. */
	async readPlaces(): Promise<void> {
		for (const run of this.#runs) {
			if (run.runId === null || run.live !== null || run.status === 'done') continue;
			const record = await this.#parts.ports.store.read(run.runId).catch(() => null);
			if (record !== null && this.liveRun(run.key) === null) run.showRecord(record);
		}
	}

	/** A stored run was deleted, perhaps in another tab. */
	onRunRemoved(runId: string): void {
		for (const run of this.#runs) if (run.runId === runId && run.live === null) run.runId = null;
	}

	/** Its row in a list of grids. @param stored the row as the store had it */
	summary(stored: GridSummary): GridSummary {
		const { grid, started, state, cells, runs, done } = this.#facts();
		const runIds = started.flatMap(({ run }) => run ?? []);
		return { ...stored, name: grid.name, state, cells, runs, done, runIds };
	}

	get #planned() {
		return this.#runs.map(({ planned }) => planned);
	}

	#run(key: string): GridRunState | undefined {
		return this.#runs.find((run) => run.key === key);
	}

	async #start(): Promise<void> {
		const taken = await this.#take();
		if (taken) this.state = 'running';
		this.#starting = false;
		if (!taken) return;
		await this.#keeper.save();
		await this.#player.play();
		if (this.state === 'running') this.state = this.#runs.every(hasEnded) ? 'done' : 'paused';
		await this.#keeper.save();
		this.#letGo();
	}

	#take(): Promise<boolean> {
		this.#taking ??= this.#takeNow().finally(() => (this.#taking = null));
		return this.#taking;
	}

	/** Takes the lock, and the newest state if another tab worked on the grid. */
	async #takeNow(): Promise<boolean> {
		this.error = null;
		try {
			const release = this.#release ?? (await this.#parts.ports.locks.hold(lockOf(this.id)));
			if (release === null) throw gridElsewhere(this.name);
			this.#release = release;
			const newer = this.#player.busy ? null : await this.#keeper.newer();
			if (newer !== null) this.#restore(newer, await this.#parts.ports.grids.outcomes(this.id));
			return true;
		} catch (error) {
			this.error = toWire(error);
			this.#letGo();
			return false;
		}
	}

	/** The lock stays while runs of this grid are in memory, paused. */
	#letGo(): void {
		if (this.#player.busy || this.#starting || this.state === 'running') return;
		this.#release?.();
		this.#release = null;
	}

	/** Changes the grid, unless another tab works on it. @returns false if the change is refused */
	async #edit(change: () => void): Promise<boolean> {
		if (this.state !== 'running' && !(await this.#take())) return false;
		this.error = null;
		try {
			change();
			if (this.state === 'done' && !this.#runs.every(hasEnded)) this.state = 'paused';
			this.#player.fill();
			await this.#keeper.save();
			return true;
		} catch (error) {
			this.error = toWire(error);
			return false;
		} finally {
			this.#letGo();
		}
	}

	#pauseBecause(error: WireError): void {
		void this.pause();
		this.error = error;
	}

	/** @throws FormatError; see `gridRuns` */
	#setGrid(grid: Grid): void {
		const known = new Map(this.#runs.map((run) => [run.key, run]));
		const runs = planSharing(gridRuns(grid)).map((planned) => {
			const run = known.get(planned.run.key);
			if (run === undefined) return new GridRunState(planned);
			run.planned = planned;
			return run;
		});
		this.grid = grid;
		this.#runs = runs;
	}

	#restore({ grid, started, state }: StoredGrid, outcomes: readonly RunOutcome[]): void {
		const startedBy = new Map(started.map((one) => [one.key, one]));
		const outcomeBy = new Map(outcomes.map((one) => [one.key, one]));
		this.grid = grid;
		this.#runs = planSharing(gridRuns(grid)).map((planned) => {
			const run = new GridRunState(planned);
			const { key, identity } = planned.run;
			const outcome = outcomeBy.get(key);
			run.restore(startedBy.get(key), outcome?.identity === identity ? outcome : null);
			return run;
		});
		this.state = state === 'running' ? 'paused' : state;
	}

	#facts() {
		const { id, createdAt, state, grid } = this;
		const started = this.#runs.flatMap((run) => run.started ?? []);
		const done = this.#runs.filter(({ status }) => status === 'done').length;
		return { id, createdAt, state, grid, started, cells: this.cells.length, runs: this.#runs.length, done };
	}
}

/** Runs and grids share one kind of lock. */
export function lockOf(gridId: string): string {
	return `grid-${gridId}`;
}

export function gridElsewhere(name: string): AppError {
	return new AppError(`The grid “${name}” is at work in another tab.`, {
		code: 'grid-elsewhere',
		hint: 'Look at it there, or pause it there and continue it here: two tabs would overwrite each other.',
	});
}
