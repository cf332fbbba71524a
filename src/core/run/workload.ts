/** How much work a recipe is, in rows and pairs: the units in which the time of a run is estimated. */
import type { DataStage } from '../pair/methods/method.ts';
import { methodOf } from '../pair/methods/registry.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { RunPhase } from './run.ts';

/** The phase that makes the rows of a stage. */
export const PHASE_OF_STAGE = {
	outputs: 'sampling',
	answers: 'answering',
	revisions: 'revising',
	judgements: 'judging',
} as const satisfies Record<DataStage, RunPhase>;

/** Rows of a stage for each prompt. */
export function rowsPerPrompt({ pairs }: Pick<Recipe, 'pairs'>, stage: DataStage): number {
	const { answersPerPrompt, othersPerPrompt = 0 } = methodOf(pairs.method);
	const rows = {
		outputs: answersPerPrompt,
		answers: othersPerPrompt,
		revisions: answersPerPrompt,
		judgements: 1,
	};
	return rows[stage];
}

/** Pairs of all steps; a pair counts each time that it is trained on. */
export function pairsTrained({ training }: Pick<Recipe, 'training'>): number {
	return training.steps * training.batchPairs * training.accumulationSteps;
}
