// Reads a recipe file for the scripts. Errors are reported by field, before any browser starts.
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * @param {string} file
 * @returns {Promise<import('../src/core/recipe/complete.ts').CompletedRecipe>}
 */
export async function readRecipeFile(file) {
	if (!existsSync(file)) throw new Error(`There is no file ${file}.`);
	const recipes = await import('../src/core/recipe/file.ts');
	return recipes.readRecipeFile(basename(file), readFileSync(file));
}
