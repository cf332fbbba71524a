/** Evaluating before training: the held-out prompts answered without an adapter. */
import { counted } from '../../text/format.ts';
import { evaluateAt, evaluatingFigures, isIncomplete } from './evaluating.ts';
import type { Phase } from './phase.ts';

export const evaluatingBefore: Phase = {
	id: 'evaluating-before',
	noun: 'evaluation',
	isNeeded: ({ steps }) => isIncomplete(steps, 0),
	run: (context) => evaluateAt(context, 0),
	sentence: ({ evaluation }) =>
		`Before training, the model answers ${counted(evaluation.count, 'prompt')} that it will never train on. Later scores are compared with these.`,
	figures: evaluatingFigures,
	stopped: 'Stopped while scoring. The pairs are kept; Resume scores, then trains.',
	failed: () => 'Scoring stopped.',
	cutShort: () => 'while scoring, before training',
};
