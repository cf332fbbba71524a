/**
 * A phase of a run: one record in a file of its own. The runner walks the records in order; the page shows their texts. Other
 * code reads the fields of a record and compares no ids, except `idle` and `done`, which have no record.
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

/** Rows that an endpoint answers in a phase, for the account of a failure. */
export interface AskedProgress {
	/** "Revising", before "stopped". */
	doing: string;
	/** One row: "revision". */
	noun: string;
	total: number;
	answered: number;
	failed: number;
	/** 1-based; 0 if no row failed. */
	firstFailed: number;
	/** "3 of 40 answers are still without a revision" */
	left: string;
}

export interface Phase {
	readonly id: Exclude<RunPhase, 'idle' | 'done'>;
	/** The step that works in this phase. */
	readonly noun: Noun;
	/** True if the phase takes training steps: the user can take them one at a time or discard them, and checkpoints hold them. */
	readonly trains?: true;
	/** Present if the phase asks an endpoint, so that a remote error is the endpoint's: how far it came. */
	readonly asks?: (steps: Steps) => AskedProgress;
	/** True if chats and comparisons get no model during the phase. */
	readonly withholdsModel?: true;
	/** True if the run is saved at the end of the phase only, not when it starts. */
	readonly savesAtEnd?: true;
	/** Updates the rows that `isNeeded` reads. */
	prepare?: (context: PhaseContext) => void;
	/** Whether the recipe has this phase and the steps leave it something to do. */
	isNeeded: (context: PhaseContext) => boolean | Promise<boolean>;
	/**
	 * Does only the missing work, so that an unfinished run continues here.
	 *
	 * @returns `stopped` if the user ended the phase and the run ends with it
	 * @throws Cancelled when the signal fires · the AppError that stopped it; finished work is kept in the steps
	 */
	run: (context: PhaseContext) => Promise<'finished' | 'stopped'>;
	/** One sentence about the work and its purpose, in the present tense. */
	sentence: (recipe: Recipe, steps: TrainingState) => string;
	/** Progress, pace and time left. */
	figures: (steps: Steps, loading: Progress | null) => readonly Figure[];
	/** Shown after the user stopped the run: the kept work, and the effect of Resume. */
	readonly stopped: string;
	/** Headline of a failure. */
	failed: (steps: Steps) => string;
	/** Place of an unfinished stored run: "while revising". */
	cutShort: (run: { step: number; recipe: Recipe }) => string;
}

/** Input of a sentence besides the recipe. */
export interface TrainingState {
	loss: { phase: string };
}

/** Whether the recipe's data method has a stage. */
export function hasStage(recipe: Recipe, stage: DataStage): boolean {
	return methodOf(recipe.pairs.method).stages.includes(stage);
}

/** After the first training step, decisions about revisions apply to the next run. */
export function pairsAreFixed({ loss, pair }: Steps): boolean {
	return loss.step > 0 && pair.pairs.length > 0;
}
