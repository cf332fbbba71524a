/** Pairs of held-out prompts, made after training: the base model's answers and the world's own revisions of them. */
import { reviseAnswer } from '../world/registry.ts';
import type { ScoredAnswer } from '../evaluation/evaluation.ts';
import type { PreferencePair } from './pair.ts';

/**
 * One pair for each answer that the prompt's world can revise; none for prompts of no world.
 *
 * @param answers of the base model
 * @param seed    of the revisions
 */
export function revisedHeldOut(answers: readonly ScoredAnswer[], seed: number): PreferencePair[] {
	return answers.flatMap(({ prompt, text }) => {
		const revision = reviseAnswer(prompt.text, text, seed);
		if (revision === null || !('revised' in revision) || revision.revised === text) return [];
		return [
			{
				id: `held-${prompt.id}`,
				prompt,
				chosen: revision.revised,
				rejected: text,
				method: 'clair',
				from: null,
				edited: false,
			},
		];
	});
}
