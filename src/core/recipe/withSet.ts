/** A recipe that trains on a kept set, and back. */
import { imported } from '../pair/methods/imported.ts';
import type { WorldId } from '../world/world.ts';
import type { Recipe } from './recipe.ts';
import type { SetReference } from './setReference.ts';

/** @param world of the set's prompts, whose held-out prompts score the run; null holds out some of the set's own prompts */
export function withSet(recipe: Recipe, set: SetReference, world: WorldId | null): Recipe {
	const { prompts } = recipe;
	const families = world === prompts.world ? prompts.families : [];
	return {
		...recipe,
		prompts:
			world === null ? { ...prompts, source: 'own' } : { ...prompts, source: 'world', world, families },
		pairs: { ...recipe.pairs, method: imported.id, set },
	};
}

/**
 * The recipe with a data method in place of a kept set.
 *
 * @param hasOwnPrompts false chooses the world's prompts for a method that would find none of the user's own
 */
export function withoutSet(recipe: Recipe, method: string, hasOwnPrompts: boolean): Recipe {
	const { set, ...pairs } = recipe.pairs;
	const { prompts } = recipe;
	const falls = set !== undefined && prompts.source === 'own' && !hasOwnPrompts && method !== imported.id;
	return {
		...recipe,
		prompts: falls ? { ...prompts, source: 'world' } : prompts,
		pairs: { ...pairs, method },
	};
}
