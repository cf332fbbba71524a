/** A recipe that came by a link, and what became of it. */
import { asAppError, type AppError } from '#core/errors.ts';
import { readRecipeLink } from '#core/recipe/link.ts';
import type { Recipe } from '#core/recipe/recipe.ts';

export class RecipeLink {
	/** Why the link was not taken; null when it was, or there was none. */
	problem: AppError | null = $state.raw(null);
	/** The recipe that the link gave; null while there is none, or once the note about it was closed. */
	taken: Recipe | null = $state.raw(null);

	/**
	 * Reads an address's fragment.
	 *
	 * @returns null where there is nothing to take; `problem` says why, if it should have been
	 */
	async read(fragment: string): Promise<Recipe | null> {
		try {
			const recipe = await readRecipeLink(fragment);
			if (recipe === null) return null;
			this.problem = null;
			this.taken = recipe;
			return recipe;
		} catch (error) {
			this.taken = null;
			this.problem = asAppError(error);
			return null;
		}
	}

	/** Closes the note. */
	dismiss(): void {
		this.taken = null;
		this.problem = null;
	}
}
