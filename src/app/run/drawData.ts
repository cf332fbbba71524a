/** A new run's rows: its prompts from the world or the user's list, or the pairs that the user brought. */
import type { Recipe } from '#core/recipe/recipe.ts';
import type { Steps } from '../steps/steps.ts';

/** @throws AppError when the world holds fewer than asked for, or nothing was brought */
export function drawData(recipe: Recipe, { prompt, pair }: Steps): void {
	if (recipe.pairs.method === 'imported') {
		const { trainPrompts, heldOutPrompts } = pair.draw(recipe);
		prompt.restore(trainPrompts, heldOutPrompts);
	} else prompt.draw(recipe);
}
