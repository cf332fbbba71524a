/**
 * A lesson: something to open, and a few sentences that point at what is then on the page. It asks for nothing and blocks
 * nothing. Figures in its sentences are read from the open run, so that a sentence cannot claim what the run does not show.
 */
import type { Noun } from '../pipeline.ts';
import type { Recipe } from '../recipe/recipe.ts';

/** One sentence or two about one view. */
export interface LessonPoint {
	/** May contain facts in braces, `{before}`; see facts.ts. */
	text: string;
	view: 'overview' | Noun;
	/** Title of the region in that view that the text is about; the whole view if absent. */
	region?: string;
}

/** A recorded run that comes with the page, or a recipe that runs here. */
export type LessonSource =
	{ kind: 'recording'; recording: string } | { kind: 'recipe'; recipe: (standard: Recipe) => Recipe };

export interface Lesson {
	/** In the page's address. */
	id: string;
	title: string;
	/** The question that it answers. */
	question: string;
	/** Reading time; of a recipe, with its run on a laptop without a GPU. */
	minutes: number;
	opens: LessonSource;
	/** Five or six. */
	points: readonly LessonPoint[];
}
