/** Time and memory of a grid on this machine. */
import { forecastSeconds } from '#core/grid/estimate.ts';
import type { PlannedRun } from '#core/grid/runs.ts';
import { trainingMemory, weightBytes, type WeightPlacement } from '#core/model/memory.ts';
import { storedFormat } from '#core/model/trainingRoom.ts';
import { runSeconds } from '#core/model/speed.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { SHARED_WORK, type SharedWork } from '#core/recipe/sharedWork.ts';
import type { Engines } from '../engines/engines.svelte.ts';
import type { DurationEstimate } from '../recipe/durationEstimate.svelte.ts';

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
	const config = planned.every(({ run }) => run.recipe.model === engines.loadedModel) ? engines.config : null;
	const secondsOf = (recipe: Recipe): number | null => {
		if (measured) return durations.secondsFor(recipe);
		return config === null ? null : runSeconds(config, recipe, engines.device);
	};
	const known = measured || config !== null;
	const shared: Partial<Record<SharedWork, number>> = {};
	for (const { shares } of planned)
		for (const kind of SHARED_WORK) if (shares[kind] !== undefined) shared[kind] = (shared[kind] ?? 0) + 1;
	return {
		cells: cellsOf(planned),
		runs: planned.length,
		seconds: known ? forecastSeconds(planned, (recipe) => secondsOf(recipe) ?? 0) : null,
		pace: known ? (measured ? 'measured' : 'guessed') : null,
		...roomOf(planned, engines),
		shared,
	};
}

function cellsOf(planned: readonly PlannedRun[]): number {
	return new Set(planned.map(({ run }) => run.cell)).size;
}

/** Runs of the loaded model that fit into the device's memory together, and what they take. */
export function roomOf(all: readonly PlannedRun[], engines: Engines): Pick<GridEstimate, 'bytes' | 'atOnce'> {
	const { config, device, loadedModel } = engines;
	const planned = all.filter(({ run }) => run.recipe.model === loadedModel);
	// The first run loads the model; then the others can start.
	if (config === null || planned.length === 0) return { bytes: null, atOnce: 1 };
	const placement = placementOf(engines);
	const budget = device?.budgetBytes ?? Infinity;
	const weights = weightBytes(config, placement);
	const each = Math.max(
		...planned.map(({ run }) => trainingMemory(config, run.recipe, placement, budget).bytes - weights),
	);
	const fit = Math.floor((budget - weights - copyOf(planned, engines)) / each);
	const atOnce = Math.max(1, Math.min(MOST_AT_ONCE, cellsOf(planned), fit));
	return { bytes: weights + atOnce * each, atOnce };
}

function placementOf({ device, loadedSource }: Engines): WeightPlacement {
	const library = loadedSource?.library ?? null;
	return {
		stored: library === null ? 'f32' : storedFormat(library),
		storage: device?.kernels?.settings.weights ?? 'stored',
		backend: device?.backend ?? 'webgpu',
	};
}

/**
 * Bytes of WebLLM's copy of the weights. It leaves no room for a second run if a run trains without it: another run would then be
 * answered by another engine than alone.
 */
function copyOf(planned: readonly PlannedRun[], engines: Engines): number {
	if (engines.freed !== null) return Infinity;
	const rooms = planned.map(({ run }) => engines.trainingRoom(run.recipe));
	return rooms.some((room) => room?.fitsBoth === false) ? Infinity : (rooms[0]?.copy ?? 0);
}
