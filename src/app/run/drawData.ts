/** The first rows of a new run: prompts from the world or the user's list, or imported pairs; and reused work. */
import { methodOf } from '#core/pair/methods/registry.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { SharedWork } from '#core/recipe/sharedWork.ts';
import type { Steps } from '../steps/steps.ts';
import { reusableFor, type Reusable } from './reuse.ts';

/**
 * Fills the steps of a run that has not started.
 *
 * @param reusable work of another run; rows of other prompts are left out
 * @returns the kinds of work that are reused
 * @throws AppError if the world holds fewer prompts than asked for, or nothing was imported
 */
export function drawData(recipe: Recipe, steps: Steps, reusable: Reusable): readonly SharedWork[] {
	const { prompt, output, answer, revision, judgement, pair, evaluation } = steps;
	const { source, stages, comparisons } = methodOf(recipe.pairs.method);
	if (source === 'pairs') {
		const { trainPrompts, heldOutPrompts } = pair.draw(recipe);
		prompt.restore(trainPrompts, heldOutPrompts);
	} else prompt.draw(recipe);
	const { reused, outputs, answers, revisions, judgements, heldOut, sideEffects } = reusableFor(
		reusable,
		prompt.prompts,
		prompt.heldOut,
	);
	if (stages.includes('outputs')) output.prepare(prompt.prompts, outputs);
	if (stages.includes('answers')) answer.prepare(prompt.prompts, answers);
	if (stages.includes('revisions')) revision.prepare(output.outputs, revisions);
	if (comparisons !== undefined) {
		const made = { outputs: output.outputs, answers: answer.outputs };
		judgement.prepare(comparisons(made), judgements);
	}
	evaluation.restore(heldOut, sideEffects);
	// Replies about answers are reused only if the answers are the same.
	const kept = {
		revisions: revision.rows.some(({ attempts }) => attempts > 0),
		judgements: judgement.rows.some(({ attempts }) => attempts > 0),
	};
	return reused.filter((kind) => (kind === 'revisions' || kind === 'judgements' ? kept[kind] : true));
}
