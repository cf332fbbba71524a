/** Leaves out the sections of models that the recipe's data method does not ask, and the set of pairs that it does not read. */
import { methodOf } from '../pair/methods/registry.ts';
import type { Recipe } from './recipe.ts';

/** The recipe as a run keeps it: settings for another data method are no part of its experiment. */
export function withoutUnasked(recipe: Recipe): Recipe {
	const { stages, answersBy, source } = methodOf(recipe.pairs.method);
	const { judge, stronger, others, ...rest } = recipe;
	const { set, ...pairs } = recipe.pairs;
	return {
		...rest,
		pairs: set !== undefined && source === 'pairs' ? { ...pairs, set } : pairs,
		...(judge !== undefined && stages.includes('judgements') ? { judge } : {}),
		...(stronger !== undefined && answersBy === 'stronger' ? { stronger } : {}),
		...(others !== undefined && answersBy === 'others' ? { others } : {}),
	};
}
