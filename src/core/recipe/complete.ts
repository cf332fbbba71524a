/** Recipes that leave fields out: a short file, or the base of a grid. */
import { isRecord } from '../format/record.ts';
import { DEFAULT_RECIPE, readRecipe, type Recipe } from './recipe.ts';

export interface CompletedRecipe {
	readonly recipe: Recipe;
	/** Sections and fields that came from the default recipe: `prompts`, `training.steps`. */
	readonly filled: readonly string[];
}

/**
 * Fills in the sections and fields that parsed JSON leaves out, from the default recipe. Optional fields stay absent.
 *
 * @throws FormatError `recipe-invalid` naming the field
 */
export function completeRecipe(partial: unknown): CompletedRecipe {
	if (!isRecord(partial)) return { recipe: readRecipe(partial), filled: [] };
	const given = new Map<string, unknown>(Object.entries(partial));
	const filled: string[] = [];
	const sections = Object.entries(DEFAULT_RECIPE).map(([section, standard]): [string, unknown] => {
		const value = given.get(section);
		if (value === undefined) {
			if (section !== 'schema') filled.push(section);
			return [section, standard];
		}
		if (!isRecord(value) || !isRecord(standard)) return [section, value];
		const missing = Object.keys(standard).filter((field) => !Object.hasOwn(value, field));
		filled.push(...missing.map((field) => `${section}.${field}`));
		return [section, { ...standard, ...value }];
	});
	return { recipe: readRecipe(Object.fromEntries([...given, ...sections])), filled };
}

/** “short.json leaves out model, training.seed; they are as in the default recipe.” @param filled at least one */
export function filledSentence(name: string, filled: readonly string[]): string {
	const are = filled.length === 1 ? 'it is' : 'they are';
	return `${name} leaves out ${filled.join(', ')}; ${are} as in the default recipe.`;
}
