/** How long the remaining runs of a grid take, by the pace of those that are done. Shared work takes no time. */
import { mean } from '../evaluation/intervals.ts';
import { methodOf } from '../pair/methods/registry.ts';
import type { DataStage } from '../pair/methods/method.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { SharedWork } from '../recipe/sharedWork.ts';
import type { RunPhase } from '../run/run.ts';
import type { RunOutcome } from './outcome.ts';
import type { PlannedRun } from './runs.ts';

/** Work of each phase in units that are proportional to its time. */
type Units = ReadonlyMap<RunPhase, number>;

const PHASE_OF: Readonly<Record<DataStage, RunPhase>> = {
	outputs: 'sampling',
	answers: 'answering',
	revisions: 'revising',
	judgements: 'judging',
};

/** Loading is the same for every run of a model, and takes no time after the first. */
const TIMED: readonly RunPhase[] = [
	'sampling',
	'answering',
	'revising',
	'judging',
	'evaluating-before',
	'training',
	'evaluating-after',
];

function unitsOf({ run, shares }: PlannedRun): Units {
	const { recipe } = run;
	const { stages, answersPerPrompt, othersPerPrompt = 1 } = methodOf(recipe.pairs.method);
	const units = new Map<RunPhase, number>();
	const add = (phase: RunPhase, amount: number, shared?: SharedWork): void => {
		if (shared === undefined || shares[shared] === undefined) units.set(phase, amount);
	};
	const perPrompt = { outputs: answersPerPrompt, answers: othersPerPrompt, revisions: 1, judgements: 1 };
	for (const stage of stages) add(PHASE_OF[stage], recipe.prompts.count * perPrompt[stage], stage);
	const { steps, batchPairs, accumulationSteps } = recipe.training;
	add('evaluating-before', recipe.evaluation.count, 'held-out before');
	add('training', steps * batchPairs * accumulationSteps);
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

export interface GridEstimate {
	readonly runs: number;
	/** Null before the first run. */
	readonly seconds: number | null;
}

/**
 * @param left     the runs that are not done
 * @param planned  all runs of the grid
 * @param outcomes of runs that are done, the latest last
 */
export function estimateLeft(
	left: readonly PlannedRun[],
	planned: readonly PlannedRun[],
	outcomes: readonly RunOutcome[],
): GridEstimate {
	const paces = pacesOf(planned, outcomes);
	if (paces.size === 0) return { runs: left.length, seconds: null };
	let seconds = left.length * overhead(outcomes);
	for (const run of left)
		for (const [phase, units] of unitsOf(run)) seconds += units * (paces.get(phase) ?? 0);
	return { runs: left.length, seconds };
}

/** Mean seconds of a run outside of its timed phases: loading, and measurements at the end. */
function overhead(outcomes: readonly RunOutcome[]): number {
	const rest = outcomes.flatMap(({ figures }) => {
		if (figures === null) return [];
		const timed = TIMED.reduce((sum, phase) => sum + (figures.seconds[phase] ?? 0), 0);
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
