/** Evaluating after training: the held-out prompts answered with the last checkpoint. */
import type { Steps } from '../../steps/steps.ts';
import { evaluateAt, evaluatingFigures, isIncomplete } from './evaluating.ts';
import type { Phase } from './phase.ts';

function lastStep({ adapter }: Steps): number {
	return adapter.latestStep ?? 0;
}

export const evaluatingAfter: Phase = {
	id: 'evaluating-after',
	noun: 'evaluation',
	isNeeded: ({ steps }) => lastStep(steps) > 0 && isIncomplete(steps, lastStep(steps)),
	run: (context) => evaluateAt(context, lastStep(context.steps)),
	sentence: ({ evaluation }) =>
		`The held-out ${evaluation.count === 1 ? 'prompt' : 'prompts'} again, now with the adapter on: this shows what it learned, and what it lost.`,
	figures: evaluatingFigures,
	stopped: 'Stopped while scoring. The adapter is trained and kept; Resume scores it.',
	failed: () => 'Scoring stopped.',
	cutShort: () => 'while scoring, after training',
};
