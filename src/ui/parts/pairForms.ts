/** Texts for the tracked pair's last form: its new answer. */
import type { ScoredAnswer } from '#core/evaluation/evaluation.ts';
import { fixed } from '../format.ts';

export function answerMoved(answers: {
	before: ScoredAnswer | null;
	after: ScoredAnswer | null;
}): { text: string; score: string | null } | null {
	const { before, after } = answers;
	if (after === null) return null;
	return {
		text: after.text,
		score:
			before === null
				? null
				: `trained on, so not held out: score ${fixed(after.score)}, was ${fixed(before.score)}`,
	};
}
