/** Why a recipe cannot run now. */
import { methodOf } from '#core/pair/methods/registry.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { type ImportedData, pairsFor } from './importedData.svelte.ts';

export type Obstacle = 'running' | 'recipe' | 'no-prompts' | 'no-pairs' | 'no-set';

/** The rows that the recipe takes from the user and that are not here; null if it lacks none. */
export function missingRows(
	{ pairs, prompts }: Recipe,
	imported: ImportedData,
): 'no-prompts' | 'no-pairs' | 'no-set' | null {
	if (methodOf(pairs.method).source === 'pairs') {
		if (pairsFor(imported, { pairs }).set !== null) return null;
		return pairs.set === undefined ? 'no-pairs' : 'no-set';
	}
	const missing = (imported.prompts.set?.prompts.length ?? 0) === 0;
	return prompts.source === 'own' && missing ? 'no-prompts' : null;
}
