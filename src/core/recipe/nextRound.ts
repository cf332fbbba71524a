import type { Begin } from './begin.ts';
import type { Recipe } from './recipe.ts';

/** The recipe of another round: the same settings on fresh prompts, beginning from an adapter. The held-out prompts stay the same. */
export function nextRound(recipe: Recipe, begin: Begin): Recipe {
	return { ...recipe, begin, prompts: { ...recipe.prompts, seed: recipe.prompts.seed + 1 } };
}
