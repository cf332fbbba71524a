/** Why a recipe cannot run now. */
import { methodOf } from '#core/pair/methods/registry.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { ImportedData } from './importedData.svelte.ts';

export type Obstacle = 'running' | 'recipe' | 'no-prompts' | 'no-pairs';

/** The rows that the recipe takes from the user and that nobody has imported; null if it lacks none. */
export function missingRows(
	{ pairs, prompts }: Recipe,
	imported: ImportedData,
): 'no-prompts' | 'no-pairs' | null {
	if (methodOf(pairs.method).source === 'pairs') return imported.pairs.set === null ? 'no-pairs' : null;
	const missing = (imported.prompts.set?.prompts.length ?? 0) === 0;
	return prompts.source === 'own' && missing ? 'no-prompts' : null;
}
