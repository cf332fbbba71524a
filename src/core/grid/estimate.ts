/** How long the remaining runs of a grid take, by the pace of those that are done. Shared work takes no time. */
import { mean } from '../evaluation/intervals.ts';
import { methodOf } from '../pair/methods/registry.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { SharedWork } from '../recipe/sharedWork.ts';
import type { RunPhase } from '../run/run.ts';
import { pairsTrained, PHASE_OF_STAGE, rowsPerPrompt } from '../run/workload.ts';
import type { RunOutcome } from './outcome.ts';
import type { PlannedRun } from './runs.ts';

/** Work of each phase in units that are proportional to its time. */
type Units = ReadonlyMap<RunPhase, number>;

/** Loading is the same for every run of a model, and takes no time after the first. */
const TIMED: readonly RunPhase[] = [
	...Object.values(PHASE_OF_STAGE),
	'evaluating-before',
	'training',
	'evaluating-after',
];

function unitsOf({ run, shares }: PlannedRun): Units {
	const { recipe } = run;
	const units = new Map<RunPhase, number>();
	const add = (phase: RunPhase, amount: number, shared?: SharedWork): void => {
		if (shared === undefined || shares[shared] === undefined) units.set(phase, amount);
	};
	for (const stage of methodOf(recipe.pairs.method).stages)
		add(PHASE_OF_STAGE[stage], recipe.prompts.count * rowsPerPrompt(recipe, stage), stage);
	add('evaluating-before', recipe.evaluation.count, 'held-out before');
	add('training', pairsTrained(recipe));
	add('evaluating-after', recipe.evaluation.count);
	return units;
}

/**
 * Seconds of runs on a device that has run none of them, without their shared work.
 *
 * @param secondsOf of a recipe's whole run, which grow with its prompts and its held-out prompts
 */
export function forecastSeconds(
	planned: readonly PlannedRun[],
	secondsOf: (recipe: Recipe) => number,
): number {
	return planned.reduce((sum, { run, shares }) => {
		const { recipe } = run;
		const { prompts, evaluation, training } = recipe;
		const without = (part: Partial<Recipe>): number => secondsOf(recipe) - secondsOf({ ...recipe, ...part });
		const sampling = shares.outputs === undefined ? 0 : without({ prompts: { ...prompts, count: 0 } });
		const scores = 2 + (training.evaluateEvery === 0 ? 0 : training.steps / training.evaluateEvery);
		const before =
			shares['held-out before'] === undefined
				? 0
				: without({ evaluation: { ...evaluation, count: 0 } }) / scores;
		return sum + secondsOf(recipe) - sampling - before;
	}, 0);
}

/**
 * Seconds of the runs that are left; null before the first run is done.
 *
 * @param left     the runs that are not done
 * @param planned  all runs of the grid
 * @param outcomes of runs that are done, the latest last
 */
export function secondsLeft(
	left: readonly PlannedRun[],
	planned: readonly PlannedRun[],
	outcomes: readonly RunOutcome[],
): number | null {
	const paces = pacesOf(planned, outcomes);
	if (paces.size === 0) return null;
	let seconds = left.length * overhead(outcomes);
	for (const run of left)
		for (const [phase, units] of unitsOf(run)) seconds += units * (paces.get(phase) ?? 0);
	return seconds;
}

/** A run that has not ended, and what its phases took so far. */
export interface RunProgress {
	readonly planned: PlannedRun;
	readonly at: RunPhase;
	readonly step: number;
	/** Its share of the time by phase, the current one included; empty if it is not in memory. */
	readonly seconds: Readonly<Partial<Record<RunPhase, number>>>;
}

/**
 * Seconds until the given runs have ended, by the pace of this grid alone. Runs of a seed train in turns, so that their seconds must be
 * shares of the time that passes: then they add up.
 *
 * @param left the runs that have not ended
 * @returns null before a run has finished or enough training steps are timed
 */
export function remainingSeconds(
	left: readonly RunProgress[],
	planned: readonly PlannedRun[],
	outcomes: readonly RunOutcome[],
): number | null {
	const finished = pacesOf(planned, outcomes);
	const paces = new Map([...livePaces(left), ...finished]);
	// Both score the same prompts with the same model.
	const before = paces.get('evaluating-before');
	if (before !== undefined && !paces.has('evaluating-after')) paces.set('evaluating-after', before);
	let seconds = 0;
	for (const run of left) {
		seconds += overhead(outcomes);
		for (const [phase, units] of unitsOf(run.planned)) {
			const open = units * (1 - shareDone(run, phase));
			const pace = paces.get(phase);
			if (pace === undefined && open > 0 && finished.size === 0) return null;
			seconds += open * (pace ?? 0);
		}
	}
	return seconds;
}

/** Phases of a run in their order. */
const ORDER: readonly RunPhase[] = ['idle', 'loading', ...TIMED, 'done'];

function shareDone({ at, step, planned }: RunProgress, phase: RunPhase): number {
	if (ORDER.indexOf(phase) !== ORDER.indexOf(at)) return Number(ORDER.indexOf(phase) < ORDER.indexOf(at));
	return phase === 'training' ? Math.min(1, step / Math.max(1, planned.run.recipe.training.steps)) : 0;
}

/** Share of a run's steps from which on its training is timed: the first steps also compile and prepare. */
const TIMED_SHARE = 0.25;

/** Seconds per unit of the phases that runs at work have done, and of the training that they are in. */
function livePaces(runs: readonly RunProgress[]): ReadonlyMap<RunPhase, number> {
	const sums = new Map<RunPhase, { seconds: number; units: number }>();
	for (const run of runs)
		for (const [phase, units] of unitsOf(run.planned)) {
			const [seconds, share] = [run.seconds[phase], shareDone(run, phase)];
			if (seconds === undefined || share < TIMED_SHARE) continue;
			const sum = sums.get(phase) ?? { seconds: 0, units: 0 };
			sums.set(phase, { seconds: sum.seconds + seconds, units: sum.units + share * units });
		}
	return new Map([...sums].map(([phase, { seconds, units }]) => [phase, seconds / Math.max(1, units)]));
}

/** Mean seconds of a run outside of its timed phases: loading, and measurements at the end. */
function overhead(outcomes: readonly RunOutcome[]): number {
	const rest = outcomes.flatMap(({ figures }) => {
		if (figures === null) return [];
		// The model is loaded once for all runs.
		const counted: readonly RunPhase[] = [...TIMED, 'loading'];
		const timed = counted.reduce((sum, phase) => sum + (figures.seconds[phase] ?? 0), 0);
		return [Math.max(0, figures.wallSeconds - timed)];
	});
	return rest.length === 0 ? 0 : mean(rest.slice(-LATEST));
}

/** Runs whose pace counts: the machine may have become faster or slower since. */
const LATEST = 3;

/** Seconds per unit of each phase, over the latest runs that did its work. */
function pacesOf(
	planned: readonly PlannedRun[],
	outcomes: readonly RunOutcome[],
): ReadonlyMap<RunPhase, number> {
	const byKey = new Map(planned.map((one) => [one.run.key, one]));
	const sums = new Map<RunPhase, { seconds: number; units: number; runs: number }>();
	for (const { key, figures } of outcomes.toReversed()) {
		const run = byKey.get(key);
		if (run === undefined || figures === null) continue;
		const units = unitsOf(run);
		for (const phase of TIMED) {
			const [seconds, amount] = [figures.seconds[phase], units.get(phase)];
			if (seconds === undefined || amount === undefined) continue;
			const sum = sums.get(phase) ?? { seconds: 0, units: 0, runs: 0 };
			if (sum.runs === LATEST) continue;
			sums.set(phase, { seconds: sum.seconds + seconds, units: sum.units + amount, runs: sum.runs + 1 });
		}
	}
	return new Map([...sums].map(([phase, { seconds, units }]) => [phase, seconds / Math.max(1, units)]));
}
