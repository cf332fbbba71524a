/** Rows of the user's own, without kept sets. */
import { type ImportedData, ImportedPairs, ImportedPrompts } from '#app/recipe/importedData.svelte.ts';

export function importedData(pairs = new ImportedPairs()): ImportedData {
	return { prompts: new ImportedPrompts(), pairs, sets: { of: () => new ImportedPairs() } };
}
