/** Time and memory of a grid on this machine. */
import { forecastSeconds, secondsLeft } from '#core/grid/estimate.ts';
import type { RunOutcome } from '#core/grid/outcome.ts';
import type { PlannedRun } from '#core/grid/runs.ts';
import { trainingMemory, weightBytes, type WeightPlacement } from '#core/model/memory.ts';
import { runSeconds } from '#core/model/speed.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { SharedWork } from '#core/recipe/sharedWork.ts';
import type { Engines } from '../engines/engines.svelte.ts';
import type { DurationEstimate } from '../recipe/durationEstimate.svelte.ts';
import { hasEnded, type GridRunStatus } from './gridQueue.ts';

/** A forecast of the whole grid. */
export interface GridEstimate {
	readonly cells: number;
	readonly runs: number;
	/** Of all runs; null if the pace of this machine is not known. */
	readonly seconds: number | null;
	/** `measured`: by a run on this machine · `guessed`: by the size of the model and the kind of the device · null with `seconds`. */
	readonly pace: 'measured' | 'guessed' | null;
	/** Device memory of the runs that train at once, weights included; null before a model is loaded. */
	readonly bytes: number | null;
	/** Most runs that train at once. */
	readonly atOnce: number;
	/** Number of runs that take over each kind of work. */
	readonly shared: Readonly<Partial<Record<SharedWork, number>>>;
}

/** Most runs that are at work together: the page stays quick, and a chart of more curves cannot be read. */
const MOST_AT_ONCE = 16;

interface Sources {
	engines: Engines;
	durations: DurationEstimate;
}

export function gridEstimate(planned: readonly PlannedRun[], sources: Sources): GridEstimate {
	const { engines, durations } = sources;
	const measured = planned.every(({ run }) => durations.secondsFor(run.recipe) !== null);
	const guess = (recipe: Recipe): number | null =>
		engines.config === null ? null : runSeconds(engines.config, recipe, engines.device);
	const secondsOf = (recipe: Recipe): number =>
		(measured ? durations.secondsFor(recipe) : guess(recipe)) ?? 0;
	const known = measured || engines.config !== null;
	const shared: Partial<Record<SharedWork, number>> = {};
	for (const { shares } of planned)
		for (const kind of Object.keys(shares) as SharedWork[]) shared[kind] = (shared[kind] ?? 0) + 1;
	return {
		cells: new Set(planned.map(({ run }) => run.cell)).size,
		runs: planned.length,
		seconds: known ? forecastSeconds(planned, secondsOf) : null,
		pace: known ? (measured ? 'measured' : 'guessed') : null,
		...memoryOf(planned, engines),
		shared,
	};
}

/** Runs that fit into the device's memory together, and what they take. */
export function memoryOf(
	planned: readonly PlannedRun[],
	engines: Engines,
): Pick<GridEstimate, 'bytes' | 'atOnce'> {
	const { config, device } = engines;
	const perSeed = new Set(planned.map(({ run }) => run.cell)).size;
	// The first run loads the model; then the others can start.
	if (config === null) return { bytes: null, atOnce: 1 };
	const backend = device?.backend ?? 'webgpu';
	const placement: WeightPlacement = {
		stored: 'f32',
		storage: device?.kernels?.settings.weights ?? 'stored',
		backend,
	};
	const budget = device?.budgetBytes ?? Infinity;
	const weights = weightBytes(config, placement);
	const each = Math.max(
		...planned.map(({ run }) => trainingMemory(config, run.recipe, placement, budget).bytes - weights),
	);
	// While a run trains without WebLLM's copy of the weights, another one would be answered by another engine than alone.
	const alone = planned.some(({ run }) => engines.trainingRoom(run.recipe)?.fitsBoth === false);
	const fit = alone || engines.freed !== null ? 1 : Math.floor((budget - weights) / each);
	const atOnce = Math.max(1, Math.min(MOST_AT_ONCE, perSeed, fit));
	return { bytes: weights + atOnce * each, atOnce };
}

/** A run, as the time that is left sees it. */
export interface TimedRun {
	planned: PlannedRun;
	status: GridRunStatus;
	step: number;
	steps: number;
}

/**
 * Seconds until all runs have ended.
 *
 * @param outcomes of ended runs, the latest last; empty uses the forecast
 * @param forecast seconds of some runs by themselves, without what they take over; null if unknown
 */
export function secondsLeftOf(
	runs: readonly TimedRun[],
	outcomes: readonly RunOutcome[],
	forecast: (planned: readonly PlannedRun[]) => number | null,
): number | null {
	const planned = runs.map((run) => run.planned);
	let seconds = 0;
	for (const run of runs) {
		if (hasEnded(run)) continue;
		const whole = secondsLeft([run.planned], planned, outcomes) ?? forecast([run.planned]);
		if (whole === null) return null;
		seconds += whole * (1 - run.step / Math.max(1, run.steps));
	}
	return seconds;
}
