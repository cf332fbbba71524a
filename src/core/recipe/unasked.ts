/** Leaves out the sections of models that the recipe's data method does not ask. */
import { methodOf } from '../pair/methods/registry.ts';
import type { Recipe } from './recipe.ts';

/** The recipe as a run keeps it: settings for another data method are no part of its experiment. */
export function withoutUnasked(recipe: Recipe): Recipe {
	const { stages, answersBy } = methodOf(recipe.pairs.method);
	const asked = {
		judge: stages.includes('judgements'),
		stronger: answersBy === 'stronger',
		others: answersBy === 'others',
	};
	const copy = { ...recipe };
	for (const section of ['judge', 'stronger', 'others'] as const) if (!asked[section]) delete copy[section];
	return copy;
}
