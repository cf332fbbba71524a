import type { Recipe } from '../recipe/recipe.ts';
import type { CellSetting } from './setting.ts';

/** One experiment of a grid: a whole recipe, which is run once per seed. */
export interface Cell {
	/** Made of what differs between the cells: "clair, beta 0.1". */
	readonly name: string;
	/** The settings that made it, the named cell's own first. */
	readonly settings: readonly CellSetting[];
	/** Without the seeds of the grid, and without `begin`. */
	readonly recipe: Recipe;
	/** Name of the cell from whose adapter it begins; null for the base model. */
	readonly begin: string | null;
}
