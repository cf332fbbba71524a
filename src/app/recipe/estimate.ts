/** Estimates how long a recipe takes on this machine from the times of the last finished run. Pure. */
import { readsDrift } from '#core/loss/example.ts';
import { objectiveFor } from '#core/loss/objectives/forSettings.ts';
import type { DataStage } from '#core/pair/methods/method.ts';
import { methodOf } from '#core/pair/methods/registry.ts';
import { askedJudge, askedReviser, type AskedModel } from '#core/recipe/askedModel.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { answeringModels } from '#core/recipe/sharedWork.ts';
import { sideEffectCounts } from '../steps/sideEffectPrompts.ts';
import type { RunRecord } from '#core/run/run.ts';
import { pairsTrained, PHASE_OF_STAGE, rowsPerPrompt } from '#core/run/workload.ts';

/** Seconds of each kind of work, by its unit. */
export interface UnitSeconds {
	loading: number;
	/** One answer sampled, one revision; null if the run's method has no such stage. */
	answer: number | null;
	revision: number | null;
	/** One answer of another model, one judgement. */
	otherAnswer: number | null;
	judgement: number | null;
	/** One pair trained once without KTO's mismatched completions, one held-out answer. */
	trainedPair: number;
	heldOutAnswer: number;
	/** The engine that answered the held-out prompts: the two engines take very different times. */
	engine: Recipe['evaluation']['engine'];
	/** The models that each stage asked: others take other times. */
	asked: Readonly<Record<DataStage, string>>;
}

/** The unit of the seconds of a stage. */
const UNIT_OF_STAGE = {
	outputs: 'answer',
	answers: 'otherAnswer',
	revisions: 'revision',
	judgements: 'judgement',
} as const satisfies Record<DataStage, keyof UnitSeconds>;

/** Scores of a run in both modes, before and after. */
const FULL_SCORES = 4;

/** Answers of the base model, or of the last adapter, to prompts that show side effects. */
const SIDE_EFFECTS = 2;

/** Answers before and after training. */
function answersAtEnds(recipe: Recipe): number {
	const { untouched, panel } = sideEffectCounts(recipe);
	return FULL_SCORES * recipe.evaluation.count + SIDE_EFFECTS * (untouched + panel);
}

/** Number of greedy scores during training; the last step is scored after training. */
function scoresOnTheWay({ training }: Recipe): number {
	return training.evaluateEvery === 0 ? 0 : Math.ceil(training.steps / training.evaluateEvery) - 1;
}

/**
 * Cost of a pair relative to forward and backward pass, about three forward passes: KTO's mismatched completions take two more, with
 * the adapter on and off.
 */
function costOfPair({ objective }: Recipe): number {
	return readsDrift(objectiveFor(objective)) ? 5 / 3 : 1;
}

/** Null if the run is not done, was made elsewhere, or reused rows of another run, so that its seconds do not count all work. */
export function unitSeconds(record: RunRecord): UnitSeconds | null {
	const { recipe, seconds, phase } = record;
	const { loading, training } = seconds;
	const before = seconds['evaluating-before'];
	const after = seconds['evaluating-after'];
	const { stages } = methodOf(recipe.pairs.method);
	const complete = stages.every((stage) => seconds[PHASE_OF_STAGE[stage]]);
	if (phase !== 'done' || record.origin !== undefined || !complete || !before || !training) return null;
	const perAnswer = (stage: DataStage): number | null => {
		const spent = stages.includes(stage) ? seconds[PHASE_OF_STAGE[stage]] : undefined;
		return spent === undefined ? null : spent / (recipe.prompts.count * rowsPerPrompt(recipe, stage));
	};
	const heldOutAnswer = (before + (after ?? before)) / Math.max(1, answersAtEnds(recipe));
	const scoring = scoresOnTheWay(recipe) * recipe.evaluation.count * heldOutAnswer;
	return {
		loading: loading ?? 0,
		answer: perAnswer('outputs'),
		otherAnswer: perAnswer('answers'),
		revision: perAnswer('revisions'),
		judgement: perAnswer('judgements'),
		trainedPair: Math.max(0, training - scoring) / (pairsTrained(recipe) * costOfPair(recipe)),
		heldOutAnswer,
		engine: recipe.evaluation.engine,
		asked: askedOf(recipe),
	};
}

function askedOf(recipe: Recipe): UnitSeconds['asked'] {
	const named = (models: readonly AskedModel[]): string =>
		models.map(({ endpoint, model }) => `${endpoint} ${model}`).join();
	return {
		outputs: '',
		answers: named(answeringModels(recipe)),
		revisions: named([askedReviser(recipe)]),
		judgements: named([askedJudge(recipe)]),
	};
}

/** Seconds of a whole run that reuses nothing; null if its held-out engine, a stage of its method or a model that it asks was not measured. */
export function estimateSeconds(recipe: Recipe, unit: UnitSeconds): number | null {
	if (recipe.evaluation.count > 0 && recipe.evaluation.engine !== unit.engine) return null;
	const heldOutAnswers = answersAtEnds(recipe) + scoresOnTheWay(recipe) * recipe.evaluation.count;
	const { stages } = methodOf(recipe.pairs.method);
	const asked = askedOf(recipe);
	const perPrompt = stages.map((stage) => {
		const seconds = unit[UNIT_OF_STAGE[stage]];
		return seconds === null || asked[stage] !== unit.asked[stage]
			? null
			: seconds * rowsPerPrompt(recipe, stage);
	});
	if (perPrompt.includes(null)) return null;
	const making = perPrompt.reduce<number>((sum, seconds) => sum + (seconds ?? 0), 0);
	return (
		unit.loading +
		recipe.prompts.count * making +
		pairsTrained(recipe) * costOfPair(recipe) * unit.trainedPair +
		heldOutAnswers * unit.heldOutAnswer
	);
}
