/** The held-out prompts of a run on a kept set: those of the recipe's world, as in a run that makes its pairs. */
import { asAppError } from '#core/errors.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { worldOf } from '#core/world/registry.ts';

type Settings = Pick<Recipe, 'prompts' | 'evaluation' | 'pairs'>;

/** True if the recipe trains on a kept set and is scored on a world's prompts. */
export function scoresSetOnWorld({ prompts, pairs }: Pick<Recipe, 'prompts' | 'pairs'>): boolean {
	return pairs.set !== undefined && prompts.source === 'world';
}

/**
 * Null if the held-out prompts are those of the pairs themselves.
 *
 * @throws AppError `world-exhausted`
 */
export function worldHeldOut(recipe: Settings): readonly Prompt[] | null {
	if (!scoresSetOnWorld(recipe)) return null;
	const { families, world } = recipe.prompts;
	const { count, seed } = recipe.evaluation;
	return worldOf(world).prompts({ count, seed, families, split: 'heldOut' });
}

/** The same for a preview: no prompts if the world has too few of them, which the run reports when it starts. */
export function worldHeldOutPreview(recipe: Settings): readonly Prompt[] | null {
	try {
		return worldHeldOut(recipe);
	} catch (thrown) {
		if (asAppError(thrown).code === 'world-exhausted') return [];
		throw thrown;
	}
}
