/** The parts of a run that its phases work with and report to. */
import { adapterPlacement } from '#core/adapter/placement.ts';
import type { WireError } from '#core/errors.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { RunPhase } from '#core/run/run.ts';
import { computeAnswerer, targetAnswerer, type Answerer } from '../engines/answerer.ts';
import type { Engines } from '../engines/engines.svelte.ts';
import type { PauseGate } from '../async/pauseGate.ts';
import type { ReviserConnection } from '../engines/reviserConnection.svelte.ts';
import type { Steps } from '../steps/steps.ts';
import type { RunModels } from './runModels.ts';
import type { TrafficLog } from './trafficLog.svelte.ts';

/** Loading, turns and memory of the engines. */
export type PhaseEngines = Omit<Engines, 'compute' | 'target' | 'loadedTarget'>;

export interface PhaseContext {
	recipe: Recipe;
	/** The run's name at the engines. */
	runId: string;
	/** Without the models themselves, which a run uses through `models`. */
	engines: PhaseEngines;
	/** The engines with the run's reference model as their base. */
	models: RunModels;
	reviser: ReviserConnection;
	/** Receives every request that leaves the page for this run. */
	traffic: TrafficLog;
	steps: Steps;
	gate: PauseGate;
	signal: AbortSignal;
	/** The phase that the run is in. */
	phase: () => RunPhase;
	/** Enters a phase: shows it, times it, and stores it. */
	enter: (phase: RunPhase) => void;
	/** Reports a lost engine after which the run continues, in one sentence. */
	interrupted: (sentence: string) => void;
	/** Writes the run to the store. A store that fails is reported by the run and ends nothing. */
	save: () => Promise<void>;
	/** The same, at most every few seconds, without waiting for it. */
	saveSometimes: () => void;
	/** A checkpoint was written to the store (null), or why not. */
	checkpointSaved: (error: WireError | null) => void;
	/** True if the user wants to look at the revisions before training. */
	reviewFirst: () => boolean;
	/** True if answers without a revision are left out. */
	skipUnasked: boolean;
}

/**
 * The answerer of the held-out prompts. Without WebLLM it is the compute engine, and the result says so; also if WebLLM cannot apply
 * the run's adapter, because one engine must answer as the base and as the tuned model.
 */
export function answererOf({ recipe, engines, models }: PhaseContext): Answerer {
	const library = engines.loadedSource?.library ?? null;
	const answersBoth = engines.runsOn === 'webllm' && adapterPlacement(library, models.rank) !== 'compute';
	return recipe.evaluation.engine === 'webllm' && answersBoth
		? targetAnswerer(models.loadedTarget, (work) => engines.turns.take(work))
		: computeAnswerer(models.compute);
}
