/** The recipe of the opened link, if there is one. */
import { asAppError, type AppError } from '#core/errors.ts';
import { readRecipeLink } from '#core/recipe/link.ts';
import type { Recipe } from '#core/recipe/recipe.ts';

export class RecipeLink {
	/** Why the link could not be read, or null. */
	problem: AppError | null = $state.raw(null);
	/** The recipe of the link; null without a link and after its note was closed. */
	recipe: Recipe | null = $state.raw(null);

	/**
	 * Reads the fragment of an address.
	 *
	 * @returns null if the fragment holds no recipe; `problem` says why if it is damaged
	 */
	async read(fragment: string): Promise<Recipe | null> {
		try {
			const recipe = await readRecipeLink(fragment);
			if (recipe === null) return null;
			this.problem = null;
			this.recipe = recipe;
			return recipe;
		} catch (error) {
			this.recipe = null;
			this.problem = asAppError(error);
			return null;
		}
	}

	/** Closes the note. */
	dismiss(): void {
		this.recipe = null;
		this.problem = null;
	}
}
