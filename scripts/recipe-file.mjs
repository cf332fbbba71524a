// Reads a recipe file for the scripts. Errors are reported by field, before any browser starts.
import { readFileSync } from 'node:fs';

/**
 * @param {string} file
 * @returns {Promise<import('../src/core/recipe/recipe.ts').Recipe>}
 */
export async function readRecipeFile(file) {
	let json;
	try {
		json = JSON.parse(readFileSync(file, 'utf8'));
	} catch (error) {
		throw new Error(`${file} cannot be read as a recipe: ${error instanceof Error ? error.message : error}`, {
			cause: error,
		});
	}
	const { readRecipe } = await import('../src/core/recipe/recipe.ts');
	return readRecipe(json);
}
