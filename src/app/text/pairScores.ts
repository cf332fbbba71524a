/** Rubric scores of a run's pairs: the evidence for the choice between APO-zero and APO-down. */
import type { Output } from '#core/output/output.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import { scoreAnswer } from '#core/world/registry.ts';

/** Scored rows of each kind; a mean of more changes in the third digit. */
const MOST = 200;

/** “Here: chosen 1.00, model 0.38, by the rubric.” Empty if a rubric scores neither side. */
export function hereSentence(pairs: readonly PreferencePair[], outputs: readonly Output[]): string {
	const chosen = meanScore(pairs.map(({ prompt, chosen: text }) => ({ prompt: prompt.text, text })));
	const model = meanScore(outputs.map(({ prompt, text }) => ({ prompt: prompt.text, text })));
	if (chosen === null || model === null) return '';
	return `Here: chosen ${chosen.toFixed(2)}, model ${model.toFixed(2)}, by the rubric.`;
}

function meanScore(answers: readonly { prompt: string; text: string }[]): number | null {
	const scores = answers.slice(0, MOST).flatMap(({ prompt, text }) => scoreAnswer(prompt, text)?.score ?? []);
	return scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length;
}
