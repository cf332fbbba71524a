/** Leaves out the sections of models that the recipe's data method does not ask. */
import { methodOf } from '../pair/methods/registry.ts';
import type { Recipe } from './recipe.ts';

/** The recipe as a run keeps it: settings for another data method are no part of its experiment. */
export function withoutUnasked(recipe: Recipe): Recipe {
	const { stages, answersBy } = methodOf(recipe.pairs.method);
	const { judge, stronger, others, ...rest } = recipe;
	return {
		...rest,
		...(judge !== undefined && stages.includes('judgements') ? { judge } : {}),
		...(stronger !== undefined && answersBy === 'stronger' ? { stronger } : {}),
		...(others !== undefined && answersBy === 'others' ? { others } : {}),
	};
}
