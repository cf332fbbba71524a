import type { WireError } from '#core/errors.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { RunPhase } from '#core/run/run.ts';
import { computeAnswerer, targetAnswerer, type Answerer } from '../engines/answerer.ts';
import type { Engines } from '../engines/engines.svelte.ts';
import type { PauseGate } from '../async/pauseGate.ts';
import type { AppPorts } from '../ports.ts';
import type { ReviserConnection } from '../engines/reviserConnection.svelte.ts';
import type { Steps } from '../steps/steps.ts';

/** What the phases work with and report to. */
export interface PhaseContext {
	recipe: Recipe;
	runId: string;
	ports: AppPorts;
	engines: Engines;
	reviser: ReviserConnection;
	steps: Steps;
	gate: PauseGate;
	signal: AbortSignal;
	/** The phase changes: tells the page, and times it. */
	enter: (phase: RunPhase) => void;
	/** Writes the run to the store; a store that fails is told by the loop and ends nothing. */
	save: () => Promise<void>;
	/** The same, at most every few seconds, without waiting for it. */
	saveSometimes: () => void;
	/** A checkpoint was written to the store, or why not. */
	checkpointSaved: (error: WireError | null) => void;
	/** True when the person wants to look at the revisions before training. */
	reviewFirst: () => boolean;
	/** False where answers without a revision are left out. */
	reviseTheRest: boolean;
}

/** Who answers the held-out prompts of this run. Where WebLLM cannot run, the compute engine does, and the result says so. */
export function answererOf({ recipe, engines }: PhaseContext): Answerer {
	const { target } = engines;
	return recipe.evaluation.engine === 'webllm' && engines.runsOn === 'webllm' && target !== null
		? targetAnswerer(target, (work) => engines.inTurn(work))
		: computeAnswerer(engines.compute);
}
