/** Estimates how long a recipe takes on this machine from the times of the last finished run. Pure. */
import { readsDrift } from '#core/loss/example.ts';
import { objectiveFor } from '#core/loss/objectives/forSettings.ts';
import type { DataStage } from '#core/pair/methods/method.ts';
import { methodOf } from '#core/pair/methods/registry.ts';
import { askedJudge, askedReviser, type AskedModel } from '#core/recipe/askedModel.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { answeringModels } from '#core/recipe/sharedWork.ts';
import { sideEffectCounts } from '../steps/sideEffectPrompts.ts';
import type { RunPhase, RunRecord } from '#core/run/run.ts';

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

/** The phase that does a stage's work, and the unit of its seconds. */
const WORK_OF_STAGE = {
	outputs: { phase: 'sampling', unit: 'answer' },
	answers: { phase: 'answering', unit: 'otherAnswer' },
	revisions: { phase: 'revising', unit: 'revision' },
	judgements: { phase: 'judging', unit: 'judgement' },
} as const satisfies Record<
	DataStage,
	{ phase: RunPhase; unit: 'answer' | 'otherAnswer' | 'revision' | 'judgement' }
>;

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

function pairsTrained({ training }: Recipe): number {
	return training.steps * training.batchPairs * training.accumulationSteps;
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
	const complete = stages.every((stage) => seconds[WORK_OF_STAGE[stage].phase]);
	if (phase !== 'done' || record.origin !== undefined || !complete || !before || !training) return null;
	const perAnswer = (stage: DataStage): number | null => {
		const spent = stages.includes(stage) ? seconds[WORK_OF_STAGE[stage].phase] : undefined;
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

/** Rows of a stage for each prompt. */
function rowsPerPrompt(recipe: Recipe, stage: DataStage): number {
	const { answersPerPrompt, othersPerPrompt = 0 } = methodOf(recipe.pairs.method);
	return { outputs: answersPerPrompt, answers: othersPerPrompt, revisions: answersPerPrompt, judgements: 1 }[
		stage
	];
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
		const seconds = unit[WORK_OF_STAGE[stage].unit];
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
