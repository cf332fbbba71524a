/** Leaves out the sections of models that the recipe's data method does not ask, and the set of pairs that it does not read. */
import { methodOf } from '../pair/methods/registry.ts';
import { asks } from './asks.ts';
import type { Recipe } from './recipe.ts';

/** The recipe as a run keeps it: settings for another data method are no part of its experiment. */
export function withoutUnasked(recipe: Recipe): Recipe {
	const method = methodOf(recipe.pairs.method);
	const { judge, stronger, others, ...rest } = recipe;
	const { set, ...pairs } = recipe.pairs;
	return {
		...rest,
		pairs: set !== undefined && method.source === 'pairs' ? { ...pairs, set } : pairs,
		...(judge !== undefined && asks(method, 'judge') ? { judge } : {}),
		...(stronger !== undefined && asks(method, 'stronger') ? { stronger } : {}),
		...(others !== undefined && asks(method, 'others') ? { others } : {}),
	};
}
