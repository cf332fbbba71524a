/** Every field that a recipe can have, by its dotted path, as the schema names them. */
import { recipeSchema } from './recipe.ts';

/** The fields of an object's schema, also inside an optional one; null for any other schema. */
function entriesOf(schema: unknown): Readonly<Record<string, unknown>> | null {
	if (typeof schema !== 'object' || schema === null) return null;
	if ('entries' in schema) return schema.entries as Readonly<Record<string, unknown>>;
	return 'wrapped' in schema ? entriesOf(schema.wrapped) : null;
}

/** `model`, `prompts.count`, `objective.beta`…: the fields of a section, and the sections that are one value. `begin` counts as one. */
export const RECIPE_PATHS: readonly string[] = Object.entries(entriesOf(recipeSchema) ?? {}).flatMap(
	([section, schema]) => {
		const fields = section === 'begin' ? null : entriesOf(schema);
		return fields === null ? [section] : Object.keys(fields).map((field) => `${section}.${field}`);
	},
);
