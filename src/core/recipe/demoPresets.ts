/** Short runs for demos: a recipe with fewer prompts and steps, so that it takes a known time. */
import type { Recipe } from './recipe.ts';

/** The sizes of a recipe that decide how long its run takes. */
export interface RecipeSize {
	/** Prompts to learn from. */
	prompts: number;
	steps: number;
	heldOut: number;
}

/** Sizes of the demos, the smallest first; the last is that of the default recipe. */
export const DEMO_SIZES: readonly RecipeSize[] = [
	{ prompts: 40, steps: 15, heldOut: 40 },
	{ prompts: 80, steps: 30, heldOut: 60 },
	{ prompts: 120, steps: 40, heldOut: 100 },
	{ prompts: 200, steps: 60, heldOut: 150 },
	{ prompts: 300, steps: 80, heldOut: 250 },
	{ prompts: 400, steps: 100, heldOut: 400 },
];

export interface DemoPreset {
	id: string;
	title: string;
	/** The time that the run may take. */
	seconds: number;
	/** The size on a machine whose pace is not known; from runs on two processor cores without a GPU. */
	unmeasured: RecipeSize;
}

export const DEMO_PRESETS: readonly DemoPreset[] = [
	{
		id: 'two-minutes',
		title: 'two minutes',
		seconds: 120,
		unmeasured: { prompts: 80, steps: 30, heldOut: 60 },
	},
	{
		id: 'five-minutes',
		title: 'five minutes',
		seconds: 300,
		unmeasured: { prompts: 200, steps: 60, heldOut: 150 },
	},
];

/** Scores on the way: three. */
const SCORES = 3;

/** The same experiment at another size. */
export function withSize(recipe: Recipe, { prompts, steps, heldOut }: RecipeSize): Recipe {
	const every = Math.max(1, Math.round(steps / SCORES));
	return {
		...recipe,
		prompts: { ...recipe.prompts, count: prompts },
		training: { ...recipe.training, steps, checkpointEvery: every, evaluateEvery: every },
		evaluation: { ...recipe.evaluation, count: heldOut },
	};
}

export const sizeOf = ({ prompts, training, evaluation }: Recipe): RecipeSize => ({
	prompts: prompts.count,
	steps: training.steps,
	heldOut: evaluation.count,
});

/**
 * The largest size that fits into the preset's time; the smallest size if none does.
 *
 * @param secondsFor the time of a recipe on this machine; null if it is not known
 */
export function demoRecipe(
	{ seconds, unmeasured }: DemoPreset,
	recipe: Recipe,
	secondsFor: (recipe: Recipe) => number | null,
): Recipe {
	const sized = DEMO_SIZES.map((size) => withSize(recipe, size));
	const times = sized.map((one) => secondsFor(one));
	if (times.includes(null)) return withSize(recipe, unmeasured);
	const fitting = sized.filter((_, i) => (times[i] ?? Infinity) <= seconds);
	return fitting.at(-1) ?? sized[0] ?? recipe;
}
