/** Shared by the two evaluating phases: answers the held-out prompts in every mode that has no result at a step. */
import type { Mode } from '../../steps/evaluationViews.ts';
import { figure, type Figure } from '../../steps/stepSummary.ts';
import type { Steps } from '../../steps/steps.ts';
import { answererOf, type PhaseContext } from '../phaseContext.ts';
import { timeLeft } from './figures.ts';

const MODES: readonly Mode[] = ['greedy', 'sampled'];

/** Modes without a result at a step; none if nothing is held out. */
export function missingModes({ evaluation, prompt }: Steps, step: number): readonly Mode[] {
	if (prompt.heldOut.length === 0) return [];
	return MODES.filter((mode) => evaluation.resultAt(mode, step) === null);
}

/** @param step 0: without an adapter; else with the checkpoint of that step */
export async function evaluateAt(context: PhaseContext, step: number): Promise<'finished'> {
	const { steps, gate, signal } = context;
	const adapter = step === 0 ? null : await steps.adapter.read(step);
	for (const mode of missingModes(steps, step)) {
		await steps.evaluation.evaluate(steps.prompt.heldOut, mode, adapter, gate, signal, answererOf(context));
		await context.save();
	}
	return 'finished';
}

export function evaluatingFigures({ evaluation }: Steps): readonly Figure[] {
	const { work, secondsLeft } = evaluation;
	if (work === null) return [];
	const how = work.mode === 'greedy' ? 'greedy' : 'sampled at temperature 1';
	const figures = [figure(`**${work.done}** of ${work.total}, ${how}`)];
	return secondsLeft === null ? figures : [...figures, timeLeft(secondsLeft)];
}
