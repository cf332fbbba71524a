/** The fields of a recipe by their dotted paths: differences between two recipes, and their merge. */
import type { Recipe } from './recipe.ts';

/** One field that differs between two recipes. */
export interface RecipeChange {
	/** Dotted: `objective.beta`. */
	path: string;
	from: unknown;
	to: unknown;
}

/** Every field of a recipe by its dotted path; a list and `begin` count as one field each. */
export function recipeFields(recipe: Recipe): ReadonlyMap<string, unknown> {
	const fields = new Map<string, unknown>();
	for (const [section, value] of Object.entries(recipe)) {
		if (typeof value === 'object' && section !== 'begin') {
			for (const [field, inner] of Object.entries(value)) fields.set(`${section}.${field}`, inner);
		} else fields.set(section, value);
	}
	return fields;
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Fields that differ, in the recipe's own order. */
export function recipeChanges(from: Recipe, to: Recipe): RecipeChange[] {
	const before = recipeFields(from);
	const after = recipeFields(to);
	// Optional fields may be only in one of the two. Those of an objective come and go with its id.
	const dropped = [...before.keys()].filter((path) => !path.startsWith('objective.'));
	const paths = new Set([...after.keys(), ...dropped]);
	return [...paths]
		.filter((path) => !isSame(before.get(path), after.get(path)))
		.map((path) => ({ path, from: before.get(path), to: after.get(path) }));
}

/** The recipe without an optional section or field; a section that becomes empty is left out, too. */
export function withoutField(recipe: Recipe, path: string): Recipe {
	const [section = '', field] = path.split('.');
	const before = (recipe as unknown as Record<string, object | undefined>)[section] ?? {};
	const left = field === undefined ? [] : Object.entries(before).filter(([name]) => name !== field);
	const entries = Object.entries(recipe)
		.filter(([name]) => name !== section || left.length > 0)
		.map(([name, value]) => [name, name === section ? Object.fromEntries(left) : (value as unknown)]);
	return Object.fromEntries(entries) as Recipe;
}

/** The recipe with another value of one field or section; undefined leaves it out. */
export function withField(recipe: Recipe, path: string, value: unknown): Recipe {
	if (value === undefined) return withoutField(recipe, path);
	const [section = '', field] = path.split('.');
	const before = (recipe as unknown as Record<string, object>)[section];
	return { ...recipe, [section]: field === undefined ? value : { ...before, [field]: value } };
}

/** The recipe with the fields of the changes. */
export function withChanges(recipe: Recipe, changes: readonly Pick<RecipeChange, 'path' | 'to'>[]): Recipe {
	return inOneWorld(
		changes.reduce((changed, { path, to }) => withField(changed, path, to), recipe),
		recipe,
	);
}

/**
 * Moves a recipe from one model's suggestion to another's: fields with the value of the first take that of the second;
 * fields that the user set stay, except the adapter to begin from, which belongs to the first model.
 */
export function moved(recipe: Recipe, from: Recipe, to: Recipe): Recipe {
	const own = recipeChanges(from, recipe).filter(({ path }) => path !== 'model' && path !== 'begin');
	return inOneWorld(withChanges(to, own), recipe);
}

/** Families belong to a world: another world starts with all of its own. */
function inOneWorld(recipe: Recipe, before: Recipe): Recipe {
	const { prompts } = recipe;
	return prompts.world === before.prompts.world
		? recipe
		: { ...recipe, prompts: { ...prompts, families: [] } };
}
