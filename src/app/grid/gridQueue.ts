/** Which run of a grid starts next. Pure. */
import type { PlannedRun } from '#core/grid/runs.ts';
import { SHARED_WORK, type SharedWork } from '#core/recipe/sharedWork.ts';
import { RUN_PHASES, type RunPhase } from '#core/run/run.ts';

/** `paused`: started, and not at work now. `stopped`: by the user; it does not start by itself. */
export type GridRunStatus = 'waiting' | 'running' | 'paused' | 'stopped' | 'done' | 'failed';

export interface QueuedRun {
	readonly key: string;
	readonly seed: number;
	readonly planned: PlannedRun;
	readonly status: GridRunStatus;
	/** The phase that the run is in. */
	readonly at: RunPhase;
}

/** The phase in which a kind of work is done. */
const PHASE_OF_WORK: Readonly<Record<SharedWork, RunPhase>> = {
	outputs: 'sampling',
	answers: 'answering',
	revisions: 'revising',
	judgements: 'judging',
	'held-out before': 'evaluating-before',
};

/**
 * The run to start now; null if none can. All runs of a seed are at work or have ended before one of the next seed starts. A run waits
 * until the runs whose work it takes over have done that work, and while runs of another model are at work.
 *
 * @param runs   in their order
 * @param atOnce most runs at work together
 */
export function nextRun<Run extends QueuedRun>(runs: readonly Run[], atOnce: number): Run | null {
	const working = runs.filter(({ status }) => status === 'running');
	if (working.length >= atOnce) return null;
	const seed = runs.find((run) => !hasEnded(run))?.seed;
	const model = working[0]?.planned.run.recipe.model;
	const byKey = new Map(runs.map((run) => [run.key, run]));
	const isNext = ({ status, seed: own, planned }: Run): boolean =>
		(status === 'waiting' || status === 'paused') &&
		own === seed &&
		(model === undefined || model === planned.run.recipe.model) &&
		isReady(planned, byKey);
	return runs.find(isNext) ?? null;
}

/**
 * The run that starts next on another page; null if none can. Pages share no engine, so a run of the next seed can start while runs of
 * this one wait for the work that they take over. A page that is free also starts a run that lacks only the base's held-out scores, if
 * no run has started to measure them: to measure them twice takes less time than to wait.
 *
 * @param runs in their order
 */
export function nextOnOtherPage<Run extends Omit<QueuedRun, 'seed'>>(runs: readonly Run[]): Run | null {
	const byKey = new Map(runs.map((run) => [run.key, run]));
	const waiting = runs.filter(({ status }) => status === 'waiting');
	const notForScores: Lack = (kind, at) => kind !== 'held-out before' || !isBefore(at, PHASE_OF_WORK[kind]);
	return (
		waiting.find(({ planned }) => isReady(planned, byKey)) ??
		waiting.find(({ planned }) => isReady(planned, byKey, notForScores)) ??
		null
	);
}

/** True for a run that does not go on by itself. */
export function hasEnded({ status }: Pick<QueuedRun, 'status'>): boolean {
	return status === 'done' || status === 'failed' || status === 'stopped';
}

/** True if a run waits for work that another one, which is in the phase `at`, has not done yet. */
type Lack = (kind: SharedWork, at: RunPhase) => boolean;

function isReady(
	{ run, shares }: PlannedRun,
	byKey: ReadonlyMap<string, Pick<QueuedRun, 'status' | 'at'>>,
	waitsFor: Lack = () => true,
): boolean {
	const parent = run.begin === null ? undefined : byKey.get(run.begin);
	if (parent !== undefined && !hasEnded(parent)) return false;
	return SHARED_WORK.every((kind) => {
		const source = byKey.get(shares[kind] ?? '');
		if (source === undefined || hasEnded(source) || isBefore(PHASE_OF_WORK[kind], source.at)) return true;
		return !waitsFor(kind, source.at);
	});
}

function isBefore(phase: RunPhase, other: RunPhase): boolean {
	return RUN_PHASES.indexOf(phase) < RUN_PHASES.indexOf(other);
}
