/** Texts and marks of the scrubber. */
import type { StepCursor } from '#app/run/stepCursor.svelte.ts';
import type { HeldOutResult } from '#core/evaluation/evaluation.ts';

/** The step that the shown answers and adapter belong to: the nearest earlier one that is stored. */
export function scrubberNote({
	shown,
	answersStep,
	adapterStep,
}: Pick<StepCursor, 'shown' | 'answersStep' | 'adapterStep'>): string {
	const adapter = adapterStep === 0 && shown > 0 ? 'not stored yet' : nameOf(adapterStep, shown);
	const answers = answersStep === null ? 'none yet' : nameOf(answersStep, shown);
	if (adapter === answers) return `answers and adapter ${adapter}`;
	return `answers ${answers}, adapter ${adapter}`;
}

function nameOf(step: number, shown: number): string {
	return step === shown ? 'of this step' : `of step ${step}`;
}

/** Steps with stored answers, and their places in percent. */
export function scrubberTicks(
	results: readonly HeldOutResult[],
	last: number,
): readonly { step: number; share: number }[] {
	const steps = new Set(results.filter(({ mode }) => mode === 'greedy').map(({ step }) => step));
	return [...steps]
		.filter((step) => step <= last)
		.map((step) => ({ step, share: (100 * step) / Math.max(1, last) }));
}
