/** One run of a grid as the page shows it, at work or not. */
import type { WireError } from '#core/errors.ts';
import { curvesOf, NO_CURVES, type RunCurves } from '#core/grid/curves.ts';
import { curvesIn, type RunOutcome } from '#core/grid/outcome.ts';
import type { PlannedRun } from '#core/grid/runs.ts';
import type { StartedRun } from '#core/grid/stored.ts';
import type { SharedWork } from '#core/recipe/sharedWork.ts';
import type { RunPhase, RunRecord } from '#core/run/run.ts';
import { phaseOf } from '../run/phases/registry.ts';
import type { PhaseSeconds } from '../run/phaseClock.ts';
import type { Run } from '../run/run.svelte.ts';
import { plain } from '../steps/stepSummary.ts';
import type { GridRunStatus, QueuedRun } from './gridQueue.ts';

/** A run of a grid, for views. */
export interface GridRunView {
	readonly key: string;
	readonly cell: string;
	readonly seed: number;
	readonly status: GridRunStatus;
	/** "training · step 31 of 100"; empty before the start. */
	readonly phase: string;
	readonly step: number;
	readonly steps: number;
	/** Loss, rewards and scores so far. */
	readonly curves: RunCurves;
	/** Null until the run is done or has failed. */
	readonly outcome: RunOutcome | null;
	/** Why it failed, or null. */
	readonly error: WireError | null;
	/** Id of the stored run; null before its start. */
	readonly runId: string | null;
}

/** Progress of a run that is not in memory. */
interface Place {
	phase: RunPhase;
	step: number;
	curves: RunCurves;
}

export class GridRunState implements GridRunView, QueuedRun {
	/** The run in memory: at work, paused, or needed by a later one. */
	#run: Run | null = $state.raw(null);
	#place: Place = $state.raw({ phase: 'idle', step: 0, curves: NO_CURVES });

	planned: PlannedRun;
	status: GridRunStatus = $state('waiting');
	outcome: RunOutcome | null = $state.raw(null);
	error: WireError | null = $state.raw(null);
	runId: string | null = $state(null);
	/** Work that it took over from other runs, once it was started. */
	reused: readonly SharedWork[] = [];
	/** True from a request to stop it until it has stopped. */
	stopping = false;

	readonly at: RunPhase = $derived.by(() => this.#run?.phase ?? this.#place.phase);
	readonly step: number = $derived.by(() => this.#run?.steps.loss.step ?? this.#place.step);
	readonly steps: number = $derived.by(() => this.planned.run.recipe.training.steps);
	readonly curves: RunCurves = $derived.by(() => {
		if (this.#run === null) return this.#place.curves;
		const { loss, evaluation } = this.#run.steps;
		return curvesOf({ metrics: loss.history, heldOut: evaluation.results });
	});
	readonly phase: string = $derived.by(() => {
		const { at } = this;
		if (at === 'idle' || at === 'done') return at === 'done' ? 'done' : '';
		const [first] = this.#run === null ? [] : (phaseOf(at)?.figures(this.#run.steps, null) ?? []);
		const training = at === 'training' ? `step ${this.step} of ${this.steps}` : null;
		const figure = first === undefined ? training : plain(first);
		return figure === null ? WORDS[at] : `${WORDS[at]} · ${figure}`;
	});

	constructor(planned: PlannedRun) {
		this.planned = $state.raw(planned);
	}

	get key(): string {
		return this.planned.run.key;
	}

	get cell(): string {
		return this.planned.run.cell;
	}

	get seed(): number {
		return this.planned.run.seed;
	}

	/** The run in memory, to steer it or to show it; null if it is not. */
	get live(): Run | null {
		return this.#run;
	}

	/** Follows a run in memory. */
	follow(run: Run): void {
		this.#run = run;
		this.runId = run.id;
	}

	/** The run has ended. Its curves stay, and the run itself can leave the memory. */
	end(status: GridRunStatus, outcome: RunOutcome | null): void {
		const run = this.#run;
		if (run !== null) {
			this.runId = run.id;
			this.#place = { phase: run.phase, step: run.steps.loss.step, curves: this.curves };
		}
		this.error = run?.failure?.error ?? failureOf(outcome);
		this.#run = null;
		this.outcome = outcome;
		this.stopping = false;
		this.status = status;
	}

	/** Starts again from its last checkpoint when its turn comes. */
	again(): void {
		this.outcome = null;
		this.error = null;
		this.status = this.runId === null ? 'waiting' : 'paused';
	}

	/** Restores a run of a stored grid. */
	restore(started: StartedRun | undefined, outcome: RunOutcome | null): void {
		this.runId = started?.run ?? null;
		this.reused = started?.reused ?? [];
		this.outcome = outcome;
		this.error = failureOf(outcome);
		if (outcome !== null) {
			const { figures } = outcome;
			this.status = figures === null ? 'failed' : 'done';
			if (figures !== null) this.#place = { phase: 'done', step: figures.steps, curves: curvesIn(figures) };
		} else if (started?.stopped === true) this.status = 'stopped';
		else this.status = this.runId === null ? 'waiting' : 'paused';
	}

	/** Shows how far a stored run had come. */
	showRecord({ phase, metrics, heldOut }: RunRecord): void {
		this.#place = { phase, step: metrics.at(-1)?.step ?? 0, curves: curvesOf({ metrics, heldOut }) };
	}

	/** Its share of the grid's time by phase, up to now; empty while it is not in memory. */
	get seconds(): PhaseSeconds {
		return this.#run?.clock.seconds ?? {};
	}

	/** For the store; null before its start. */
	get started(): StartedRun | null {
		const { key, runId, reused, status } = this;
		if (runId === null && status !== 'stopped') return null;
		return { key, run: runId, stopped: status === 'stopped', reused };
	}
}

/** Why a run failed, as the page shows errors; null if it did not fail. */
export function failureOf(outcome: RunOutcome | null): WireError | null {
	const error = outcome?.error ?? null;
	return error === null ? null : { ...error, kind: 'app', context: {} };
}

/** Names of the phases. */
const WORDS: Readonly<Record<RunPhase, string>> = {
	idle: '',
	loading: 'loading',
	sampling: 'sampling',
	answering: 'asking other models',
	revising: 'revising',
	judging: 'judging',
	'evaluating-before': 'scoring the base model',
	training: 'training',
	'evaluating-after': 'scoring the trained model',
	done: 'done',
};
