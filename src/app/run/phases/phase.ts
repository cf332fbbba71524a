/**
 * A phase of a run: one record in a file of its own. The runner walks the records in order; the page reads their words. Nothing
 * else asks which phase it is.
 */
import { methodOf } from '#core/pair/methods/registry.ts';
import type { DataStage } from '#core/pair/methods/method.ts';
import type { Noun } from '#core/pipeline.ts';
import type { Progress } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { RunPhase } from '#core/run/run.ts';
import type { Figure } from '../../steps/stepSummary.ts';
import type { Steps } from '../../steps/steps.ts';
import type { PhaseContext } from '../phaseContext.ts';

export interface Phase {
	readonly id: Exclude<RunPhase, 'idle' | 'done'>;
	/** The step that works in this phase. */
	readonly noun: Noun;
	/** Updates the rows that `isNeeded` reads. */
	prepare?: (context: PhaseContext) => void;
	/** Whether the recipe has this phase and the steps leave it something to do. */
	isNeeded: (context: PhaseContext) => boolean | Promise<boolean>;
	/**
	 * Does what is missing, so that a run that was cut short continues here.
	 *
	 * @returns `stopped` if the user ended the phase and the run ends with it
	 * @throws Cancelled when the signal fires · the AppError that stopped it; finished work is kept in the steps
	 */
	run: (context: PhaseContext) => Promise<'finished' | 'stopped'>;
	/** What happens and what for, in the present tense. */
	sentence: (recipe: Recipe, steps: TrainingState) => string;
	/** Progress, pace and time left. */
	figures: (steps: Steps, loading: Progress | null) => readonly Figure[];
	/** After the user stopped the run: what is kept, and what Go on does. */
	readonly stopped: string;
	/** Headline of a failure. */
	failed: (steps: Steps) => string;
	/** Place of a stored run that was cut short: "while revising". */
	cutShort: (run: { step: number; recipe: Recipe }) => string;
}

/** What a sentence depends on beside the recipe. */
export interface TrainingState {
	loss: { phase: string };
}

/** Whether the recipe's data method has a stage. */
export function hasStage(recipe: Recipe, stage: DataStage): boolean {
	return methodOf(recipe.pairs.method).stages.includes(stage);
}

/** From the first training step on, later decisions about revisions are for the next run. */
export function pairsAreFixed({ loss, pair }: Steps): boolean {
	return loss.step > 0 && pair.pairs.length > 0;
}
