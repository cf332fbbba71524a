/** Training: from the last checkpoint or from the start, with stored checkpoints and held-out scores on the way. */
import { Cancelled } from '#core/errors.ts';
import { allFinite } from '#core/math/finite.ts';
import { objectiveFor } from '#core/loss/objectives/forSettings.ts';
import type { AnswersOnTheWay, TrainerState } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { numeral } from '#core/text/wording.ts';
import { figure, type Figure } from '../../steps/stepSummary.ts';
import type { Steps } from '../../steps/steps.ts';
import { answererOf, type PhaseContext } from '../phaseContext.ts';
import { withinSentence } from '../../text/format.ts';
import { preparing, timeLeft } from './figures.ts';
import type { Phase } from './phase.ts';
import { keepCheckpoint, SideWork } from './sideWork.ts';

export const training: Phase = {
	id: 'training',
	noun: 'loss',
	trains: true,
	async isNeeded({ steps, recipe }) {
		const resume = await lastCheckpoint(steps);
		return resume === null || resume.step < recipe.training.steps;
	},
	run: train,
	sentence: (recipe, { loss }) => (loss.phase === 'preparing' ? PREPARING : trainingSentence(recipe)),
	figures,
	stopped: 'Training was stopped. Resume continues from the last checkpoint.',
	failed: ({ loss }) => `Training stopped at step ${loss.failure?.step ?? loss.step}.`,
	cutShort: atStep,
};

/** "at step 20 of 100" */
export function atStep({ step, recipe }: { step: number; recipe: Recipe }): string {
	return `at step ${step} of ${recipe.training.steps}`;
}

/** Forgets the training of a run; answers, revisions and the score before training stay. */
export function discardTraining({ loss, adapter, evaluation, pair }: Steps): void {
	loss.clear();
	adapter.clear();
	evaluation.cutAfter(0);
	pair.release();
}

/** A stop by the user while it trains goes through `LossStep.stop`, which says whether to keep the adapter. */
async function train(context: PhaseContext): Promise<'finished' | 'stopped'> {
	const { steps, recipe, signal } = context;
	const resume = await lastCheckpoint(steps);
	expectNoStop(signal);
	forgetAfter(steps, resume?.step ?? 0);
	await context.save();
	const bringBack = await context.engines.freeForTraining(recipe);
	const side = new SideWork(context);
	// A stop must reach the worker even before it starts training.
	const onAbort = (): void => steps.loss.stop(true);
	signal.addEventListener('abort', onAbort, { once: true });
	try {
		if (resume !== null) await side.scoreMissing(resume.step);
		// Until `train` has started, `stop` has nothing to stop.
		expectNoStop(signal);
		const outcome = await steps.loss.train(
			{
				runId: context.runId,
				recipe: withScoredSteps(recipe),
				pairs: steps.pair.pairs,
				resume,
				startPaused: context.gate.closed,
				answers: answersOnTheWay(context),
			},
			(step, adapter, state) => side.onCheckpoint(step, adapter, state),
		);
		await side.finished();
		if (outcome.adapter !== null) await keepCheckpoint(context, outcome.adapter, outcome.state);
		return outcome.kind === 'done' ? 'finished' : 'stopped';
	} finally {
		signal.removeEventListener('abort', onAbort);
		await side.finished();
		await bringBack();
		await context.save();
	}
}

/** @throws Cancelled */
function expectNoStop(signal: AbortSignal): void {
	if (signal.aborted) throw new Cancelled();
}

/**
 * The trainer gives its adapter at checkpoints only. So that a score belongs to exactly one step, it makes one at every step that
 * is stored or scored; others are dropped.
 */
function withScoredSteps(recipe: Recipe): Recipe {
	const { checkpointEvery, evaluateEvery } = recipe.training;
	return {
		...recipe,
		training: { ...recipe.training, checkpointEvery: commonDivisor(checkpointEvery, evaluateEvery) },
	};
}

/** Null if the trainer's engine answers nothing between steps: no evaluation on the way, or WebLLM answers. */
function answersOnTheWay(context: PhaseContext): AnswersOnTheWay | null {
	const { steps, recipe } = context;
	const { evaluateEvery, steps: last } = recipe.training;
	const asked = evaluateEvery > 0 && evaluateEvery < last && steps.prompt.heldOut.length > 0;
	if (!asked || answererOf(context).engine !== 'compute') return null;
	return steps.evaluation.onTheWay(steps.prompt.heldOut);
}

/** The greatest common divisor; of 0 and n it is n. */
function commonDivisor(a: number, b: number): number {
	return b === 0 ? a : commonDivisor(b, a % b);
}

/** State to continue from: the latest checkpoint that holds one with finite numbers; older versions stored others too. */
async function lastCheckpoint({ adapter }: Steps): Promise<TrainerState | null> {
	for (const step of adapter.checkpoints.toReversed()) {
		const state = await adapter.readState(step);
		if (state !== null && [state.params, state.m, state.v].every(allFinite)) return state;
	}
	return null;
}

/** Measurements after the step that training resumes from will be made again. */
function forgetAfter({ adapter, evaluation }: Steps, step: number): void {
	adapter.cutAfter(step);
	evaluation.cutAfter(step);
}

/** Before the first step: tokens, reference log-probabilities, pipelines. */
const PREPARING =
	'Before the first step, the untrained model’s own probability of every answer is recorded: all later rewards are measured against it.';

function trainingSentence(recipe: Recipe): string {
	const pairs = recipe.training.batchPairs * recipe.training.accumulationSteps;
	const { title, does } = objectiveFor(recipe.objective);
	return `Each step takes ${numeral(pairs)} ${pairs === 1 ? 'pair' : 'pairs'} and nudges the adapter. ${title} ${withinSentence(does)}`;
}

function figures({ loss, evaluation }: Steps): readonly Figure[] {
	if (loss.phase === 'preparing') return loss.preparation === null ? [] : [preparing(loss.preparation)];
	const step = figure(`step **${loss.step}** of ${loss.steps}`);
	if (evaluation.work !== null) {
		const { done, total } = evaluation.work;
		return [step, figure(`scoring **${done}** of ${total}`)];
	}
	if (loss.secondsPerStep === null || loss.secondsLeft === null) return [step];
	return [step, figure(`${loss.secondsPerStep.toFixed(2)} s per step`), timeLeft(loss.secondsLeft)];
}
