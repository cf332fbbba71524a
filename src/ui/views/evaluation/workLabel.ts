/** The running part of an evaluation in words. */
import type { EvaluationWork } from '#app/steps/evaluationWork.svelte.ts';

export function workLabel({ part, mode, step }: EvaluationWork): string {
	if (part === 'fluency') return 'The base model reads the unrelated answers';
	const model = step === 0 ? 'The base model' : `The model of step ${step}`;
	if (part === 'panel') return `${model} answers unrelated prompts`;
	if (part === 'untouched') return `${model} answers prompts of untouched families`;
	return `${model} answers, ${mode}`;
}
