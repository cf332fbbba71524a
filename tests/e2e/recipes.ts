import { DEFAULT_RECIPE, type Recipe } from '../../src/core/recipe/recipe.ts';

/** A whole loop with the real engines in under a minute on two cores of SwiftShader. */
export const SHORT: Recipe = {
	...DEFAULT_RECIPE,
	prompts: { ...DEFAULT_RECIPE.prompts, count: 48 },
	optimiser: { ...DEFAULT_RECIPE.optimiser, warmupSteps: 2 },
	training: { ...DEFAULT_RECIPE.training, steps: 12, checkpointEvery: 4, evaluateEvery: 6 },
	evaluation: { ...DEFAULT_RECIPE.evaluation, count: 32 },
};
