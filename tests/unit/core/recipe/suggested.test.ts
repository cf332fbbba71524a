/** A model's recipe reaches the draft without overwriting what the user set. */
import { expect, test } from 'vitest';
import { RecipeDraft } from '#app/recipe/recipeDraft.svelte.ts';
import { moved } from '#core/recipe/fields.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { recipeFor } from '#core/recipe/suggested.ts';

const SIZES: Readonly<Record<string, number>> = { 'anchor-1m': 9e5, small: 1.35e8, large: 8e9 };
const draft = (): RecipeDraft =>
	new RecipeDraft((model) => {
		const parameters = SIZES[model];
		return parameters === undefined ? null : recipeFor(model, parameters);
	});

test('an untouched draft takes the recipe of each model that is chosen, and its own again', () => {
	const own = draft();
	own.setModel('small');
	expect(own.recipe).toEqual(recipeFor('small', 1.35e8));
	own.setModel('large');
	expect(own.recipe).toEqual(recipeFor('large', 8e9));
	own.setModel('anchor-1m');
	expect(own.recipe).toEqual(DEFAULT_RECIPE);
});

test('fields that the user set stay, and are named until the user takes what suits the model', () => {
	const own = draft();
	own.set('optimiser', 'learningRate', 0.002);
	own.setSeed(7);
	own.setModel('small');
	expect(own.recipe).toMatchObject({
		...{ model: 'small', optimiser: { learningRate: 0.002 }, training: { steps: 60, seed: 7 } },
		prompts: { world: 'instructions', seed: 7 },
	});
	expect(own.unlikeSuggested).toEqual([{ path: 'optimiser.learningRate', from: 0.002, to: 1e-3 }]);
	own.useSuggested();
	expect(own.unlikeSuggested).toEqual([]);
	// Seeds stay for every model.
	expect(own.recipe.training.seed).toBe(7);
});

test('families of one world do not follow the recipe into another', () => {
	const families = { ...DEFAULT_RECIPE, prompts: { ...DEFAULT_RECIPE.prompts, families: ['sums'] } };
	expect(moved(families, DEFAULT_RECIPE, recipeFor('small', 1.35e8)).prompts.families).toEqual([]);
	expect(moved(families, DEFAULT_RECIPE, recipeFor('tiny', 9e5)).prompts.families).toEqual(['sums']);
});

test('a model that is not known here changes nothing else', () => {
	const own = draft();
	own.setModel('elsewhere');
	expect(own.recipe).toEqual({ ...DEFAULT_RECIPE, model: 'elsewhere' });
	expect(own.unlikeSuggested).toEqual([]);
});
