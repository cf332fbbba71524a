/** Plays the runs of a grid, several at once, and starts the next when one has ended or has made the work that others wait for. */
import type { WireError } from '#core/errors.ts';
import type { RunOutcome } from '#core/grid/outcome.ts';
import type { BeginChoice } from '../recipe/beginChoice.svelte.ts';
import type { DurationEstimate } from '../recipe/durationEstimate.svelte.ts';
import type { UserRows } from '../library/userRows.ts';
import type { Run, RunParts } from '../run/run.svelte.ts';
import { GridRuns } from './gridRuns.ts';
import { hasEnded, nextRun } from './gridQueue.ts';
import { failureOf, type GridRunState } from './gridRunState.svelte.ts';
import { SharedClock } from './sharedClock.ts';

export interface GridParts extends Omit<RunParts, 'imported'> {
	imported: UserRows;
	begin: BeginChoice;
	durations: DurationEstimate;
}

/** The grid, as its player sees it. */
export interface PlayedGrid {
	/** In their order. */
	runs: () => readonly GridRunState[];
	/** Most runs at work together. */
	atOnce: () => number;
	/** False while the grid is paused. */
	goesOn: () => boolean;
	save: () => Promise<void>;
	saveOutcome: (outcome: RunOutcome) => Promise<void>;
	/** The store or the engines refuse to go on. */
	refused: (error: WireError) => void;
}

/** The code of an error of a full store. */
const FULL = 'storage-quota';
/** Another run of this page holds another model: this run waits for it. */
const MODEL_IN_USE = 'model-in-use';
/** `GridRuns.play` reports a stop in this way. */
const STOPPED = 'loop-unfinished';

export class GridPlayer {
	readonly #parts: GridParts;
	readonly #grid: PlayedGrid;
	readonly #clock: SharedClock;
	readonly #runs: GridRuns;
	/** Runs that are played, by key, paused ones included. */
	readonly #played = new Set<string>();
	#onRest: (() => void) | null = null;

	constructor(parts: GridParts, gridId: string, grid: PlayedGrid) {
		this.#parts = parts;
		this.#grid = grid;
		this.#clock = new SharedClock(parts.ports.clock);
		const ports = { ...parts.ports, clock: this.#clock };
		this.#runs = new GridRuns({ ...parts, ports }, parts.begin, gridId);
	}

	/** True while runs are in memory that have not ended, paused ones included. */
	get busy(): boolean {
		return this.#played.size > 0;
	}

	/** Why the state of a run could not be stored, or null. */
	get unsaved(): WireError | null {
		return this.#runs.unsaved[0]?.unsaved ?? null;
	}

	/** Continues paused runs and starts others. Settles when none is at work any more. */
	async play(): Promise<void> {
		for (const run of this.#runs.unsaved) await run.autosave.retry();
		const rested = new Promise<void>((resolve) => (this.#onRest = resolve));
		for (const run of this.#grid.runs()) {
			if (run.status !== 'paused' || run.live === null) continue;
			run.status = 'running';
			run.live.player.resume();
		}
		this.fill();
		await rested;
	}

	/** Pauses the runs that are at work. */
	pause(): void {
		for (const run of this.#grid.runs()) if (run.status === 'running') this.#pauseOne(run);
		this.#settle();
	}

	/** Stops a run, or keeps it from starting. Does nothing if it has ended. */
	stop(run: GridRunState): void {
		if (hasEnded(run)) return;
		if (!this.#played.has(run.key)) {
			run.end('stopped', null);
			return;
		}
		run.stopping = true;
		run.live?.player.stop(true);
	}

	/** Starts as many runs as can be at work now. */
	fill(): void {
		if (this.#grid.goesOn() && this.#isRefused()) return;
		while (this.#grid.goesOn()) {
			const next = nextRun(this.#grid.runs(), this.#grid.atOnce());
			if (next === null) break;
			this.#played.add(next.key);
			next.status = 'running';
			void this.#playOne(next);
		}
		this.#settle();
	}

	/** A full store ends nothing, but no further run starts: its work would be lost with the tab. */
	#isRefused(): boolean {
		const { unsaved } = this;
		if (unsaved?.code !== FULL) return false;
		this.#grid.refused(unsaved);
		return true;
	}

	async #playOne(run: GridRunState): Promise<void> {
		this.#countActive();
		const outcome = await this.#outcomeOf(run);
		this.#played.delete(run.key);
		await this.#end(run, outcome);
		this.#countActive();
		this.#runs.forgetExcept(this.#needed());
		this.fill();
	}

	async #end(run: GridRunState, outcome: RunOutcome): Promise<void> {
		const { live } = run;
		const { figures } = outcome;
		const failure = failureOf(outcome);
		if (failure?.code === MODEL_IN_USE) {
			const isStored = live !== null && live.autosave.edition > 0;
			run.end(isStored ? 'paused' : 'waiting', null);
			this.#grid.refused(failure);
			return;
		}
		if (figures === null && (run.stopping || failure?.code === STOPPED)) {
			run.end('stopped', null);
			await this.#grid.save();
			return;
		}
		run.end(figures === null ? 'failed' : 'done', outcome);
		this.#pauseIfRemote(run);
		this.#parts.durations.learn(live?.record() ?? null);
		await this.#grid.saveOutcome(outcome);
	}

	/** An endpoint that fails for one run fails for the next: the grid waits until the user has looked at it. */
	#pauseIfRemote({ error }: GridRunState): void {
		if (error?.kind !== 'remote' || this.#grid.runs().every(hasEnded)) return;
		const message = `The grid paused, because a run failed at its endpoint: ${error.message}`;
		this.#grid.refused({ ...error, message });
	}

	async #outcomeOf(run: GridRunState): Promise<RunOutcome> {
		const { run: planned, shares } = run.planned;
		const from = [...new Set(Object.values(shares))];
		const { sets } = this.#parts.imported;
		if (sets.lacks(planned.recipe)) await sets.load(planned.recipe);
		for (const key of planned.begin === null ? from : [...from, planned.begin]) await this.#hold(key);
		const { runId, reused } = run;
		const stored = runId === null ? {} : { stored: { id: runId, reused } };
		return this.#runs.play({ run: planned, from, credit: false, ...stored }, (live) =>
			this.#follow(run, live),
		);
	}

	/** Reads a run back whose work is taken over: an earlier visit made it. If it cannot be read, nothing is taken over from it. */
	async #hold(key: string): Promise<void> {
		const source = this.#grid.runs().find((run) => run.key === key);
		const id = source?.live === null ? source.runId : null;
		if (id !== null) await this.#runs.hold(key, id).catch(() => undefined);
	}

	#follow(run: GridRunState, live: Run): void {
		run.follow(live);
		live.onEnter = () => {
			if (live.reused.length > 0) run.reused = live.reused;
			if (run.stopping) live.player.stop(true);
			else if (!this.#grid.goesOn() && run.status === 'running') this.#pauseOne(run);
			this.fill();
		};
		void this.#grid.save();
	}

	#pauseOne(run: GridRunState): void {
		run.live?.player.pause();
		if (run.live?.player.transport === 'paused') run.status = 'paused';
		this.#countActive();
	}

	#countActive(): void {
		this.#clock.active = this.#grid.runs().filter(({ status }) => status === 'running').length;
	}

	/** Keys of the runs whose work or adapter a later run needs. */
	#needed(): ReadonlySet<string> {
		const left = this.#grid.runs().filter((run) => !hasEnded(run));
		return new Set(
			left.flatMap(({ planned: { run, shares } }) => [
				...Object.values(shares),
				...(run.begin === null ? [] : [run.begin]),
			]),
		);
	}

	#settle(): void {
		if (this.#grid.runs().some(({ status }) => status === 'running')) return;
		this.#onRest?.();
		this.#onRest = null;
	}
}
