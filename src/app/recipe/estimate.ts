/** Estimates how long a recipe takes on this machine from the times of the last finished run. Pure. */
import type { DataStage } from '#core/pair/methods/method.ts';
import { methodOf } from '#core/pair/methods/registry.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { RunRecord } from '#core/run/run.ts';

/** Seconds of each kind of work, by its unit. */
export interface UnitSeconds {
	loading: number;
	/** One answer sampled, one revision, one pair trained once, one held-out answer. */
	answer: number;
	revision: number;
	trainedPair: number;
	heldOutAnswer: number;
	/** The engine that answered the held-out prompts: the two engines take very different times. */
	engine: Recipe['evaluation']['engine'];
}

/** Each answer goes through every stage of the method. */
const UNIT_OF_STAGE = { outputs: 'answer', revisions: 'revision' } as const satisfies Record<
	DataStage,
	string
>;

/** Scores of a run in both modes, before and after. */
const FULL_SCORES = 4;

/** Number of greedy scores during training; the last step is scored after training. */
function scoresOnTheWay({ training }: Recipe): number {
	return training.evaluateEvery === 0 ? 0 : Math.ceil(training.steps / training.evaluateEvery) - 1;
}

function pairsTrained({ training }: Recipe): number {
	return training.steps * training.batchPairs * training.accumulationSteps;
}

/** Null if the run is not done, was made elsewhere, or reused rows of another run, so that its seconds do not count all work. */
export function unitSeconds(record: RunRecord): UnitSeconds | null {
	const { recipe, seconds, phase } = record;
	const { loading, sampling, revising, training } = seconds;
	const before = seconds['evaluating-before'];
	const after = seconds['evaluating-after'];
	if (phase !== 'done' || record.origin !== undefined || !sampling || !revising || !before || !training)
		return null;
	const answers = recipe.prompts.count * methodOf(recipe.pairs.method).answersPerPrompt;
	const heldOutAnswer = (before + (after ?? before)) / (FULL_SCORES * Math.max(1, recipe.evaluation.count));
	const scoring = scoresOnTheWay(recipe) * recipe.evaluation.count * heldOutAnswer;
	return {
		loading: loading ?? 0,
		answer: sampling / answers,
		revision: revising / answers,
		trainedPair: Math.max(0, training - scoring) / pairsTrained(recipe),
		heldOutAnswer,
		engine: recipe.evaluation.engine,
	};
}

/** Seconds of a whole run that reuses nothing; null if its held-out engine was not measured. */
export function estimateSeconds(recipe: Recipe, unit: UnitSeconds): number | null {
	if (recipe.evaluation.count > 0 && recipe.evaluation.engine !== unit.engine) return null;
	const scores = FULL_SCORES + scoresOnTheWay(recipe);
	const { stages, answersPerPrompt } = methodOf(recipe.pairs.method);
	const making = stages.reduce((sum, stage) => sum + answersPerPrompt * unit[UNIT_OF_STAGE[stage]], 0);
	return (
		unit.loading +
		recipe.prompts.count * making +
		pairsTrained(recipe) * unit.trainedPair +
		scores * recipe.evaluation.count * unit.heldOutAnswer
	);
}
