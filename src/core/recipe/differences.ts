/** The fields in which two recipes differ, seeds apart: runs that differ only in their seeds repeat one experiment. */
import { recipeFields, type RecipeChange } from './fields.ts';
import type { Recipe } from './recipe.ts';

export interface RecipeDifferences {
	/** In the order of the recipe. */
	readonly settings: readonly RecipeChange[];
	/** Seeds of the data and of the training; that of the evaluation chooses its prompts and is a setting. */
	readonly seeds: readonly RecipeChange[];
}

/** The same in both directions: swapping the recipes swaps `from` and `to`. */
export function recipeDifferences(first: Recipe, second: Recipe): RecipeDifferences {
	const [a, b] = [recipeFields(first), recipeFields(second)];
	const differences = [...new Set([...a.keys(), ...b.keys()])]
		.filter((path) => JSON.stringify(a.get(path)) !== JSON.stringify(b.get(path)))
		.filter((path) => !followsAnother(path, first, second))
		.map((path) => ({ path, from: a.get(path), to: b.get(path) }));
	return {
		settings: differences.filter(({ path }) => !isSeed(path)),
		seeds: differences.filter(({ path }) => isSeed(path)),
	};
}

function isSeed(path: string): boolean {
	return path.endsWith('.seed') && path !== 'evaluation.seed';
}

/** A formula or terms come and go with the objective, and the section of an asked model with the data method. */
function followsAnother(path: string, first: Recipe, second: Recipe): boolean {
	const [section = '', field] = path.split('.');
	if (section === 'objective')
		return field !== 'id' && field !== 'beta' && first.objective.id !== second.objective.id;
	const isInBoth = section in first && section in second;
	return !isInBoth && section !== 'begin' && first.pairs.method !== second.pairs.method;
}
