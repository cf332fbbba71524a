/** Shared by the two evaluating phases: answers held-out prompts, and measures side effects, as far as a step has no result. */
import type { Mode } from '../../steps/evaluationViews.ts';
import type { EvaluationWork } from '../../steps/evaluationWork.svelte.ts';
import type { SideEffectPart } from '../../steps/sideEffects.svelte.ts';
import { figure, type Figure } from '../../steps/stepSummary.ts';
import type { Steps } from '../../steps/steps.ts';
import { answererOf, type PhaseContext } from '../phaseContext.ts';
import { timeLeft } from './figures.ts';

const MODES: readonly Mode[] = ['greedy', 'sampled'];

/** True if a step lacks a result. */
export function isIncomplete(steps: Steps, step: number): boolean {
	return missingModes(steps, step).length > 0 || missingParts(steps, step).length > 0;
}

/** Modes without a result at a step; none if nothing is held out. */
function missingModes({ evaluation, prompt }: Steps, step: number): readonly Mode[] {
	if (prompt.heldOut.length === 0) return [];
	return MODES.filter((mode) => evaluation.resultAt(mode, step) === null);
}

function missingParts({ evaluation, prompt }: Steps, step: number): readonly SideEffectPart[] {
	return prompt.heldOut.length === 0 ? [] : evaluation.sideEffects.missing(step);
}

/** @param step 0: without an adapter; else with the checkpoint of that step */
export async function evaluateAt(context: PhaseContext, step: number): Promise<'finished'> {
	const { steps, gate, signal } = context;
	const { evaluation, prompt } = steps;
	const answerer = answererOf(context);
	const adapter = step === 0 ? null : await steps.adapter.read(step);
	for (const mode of missingModes(steps, step)) {
		await evaluation.evaluate(prompt.heldOut, mode, adapter, gate, signal, answerer);
		await context.save();
	}
	for (const part of missingParts(steps, step)) {
		await evaluation.sideEffects.measure(part, { adapter, answerer, gate, signal });
		await context.save();
	}
	return 'finished';
}

export function evaluatingFigures({ evaluation }: Steps): readonly Figure[] {
	const { work, secondsLeft } = evaluation;
	if (work === null) return [];
	const figures = [figure(`**${work.done}** of ${work.total}, ${nameOf(work)}`)];
	return secondsLeft === null ? figures : [...figures, timeLeft(secondsLeft)];
}

function nameOf({ part, mode }: EvaluationWork): string {
	if (part !== 'heldOut') return PART_NAMES[part];
	return mode === 'greedy' ? 'greedy' : 'sampled at temperature 1';
}

const PART_NAMES: Readonly<Record<SideEffectPart, string>> = {
	untouched: 'families without training',
	panel: 'unrelated prompts',
	fluency: 'unrelated answers read by the base model',
};
