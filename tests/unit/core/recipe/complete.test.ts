import { expect, test } from 'vitest';
import { completeRecipe, filledSentence } from '#core/recipe/complete.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';

test('a whole recipe is not changed, and what is left out comes from the default', () => {
	expect(completeRecipe(DEFAULT_RECIPE)).toEqual({ recipe: DEFAULT_RECIPE, filled: [] });
	const { model, schema, ...sections } = DEFAULT_RECIPE;
	expect([model, schema]).toEqual(['anchor-1m', 1]);
	expect(completeRecipe({})).toEqual({
		recipe: DEFAULT_RECIPE,
		filled: ['model', ...Object.keys(sections)],
	});
	expect(completeRecipe(sections).filled).toEqual(['model']);
});

test('optional sections and fields stay as they are given', () => {
	const { recipe, filled } = completeRecipe({ ...DEFAULT_RECIPE, judge: { noise: 0 } });
	expect(recipe).toEqual({ ...DEFAULT_RECIPE, judge: { noise: 0 } });
	expect(filled).toEqual([]);
});

test.each([
	[{ lora: 8 }, 'lora'],
	[{ training: { steps: 0 } }, 'training.steps'],
	[{ trainings: {} }, 'trainings'],
	[JSON.parse('{"__proto__": {"steps": 1}}') as object, '__proto__'],
	[{ schema: 2 }, 'schema'],
	[[], 'schema'],
	[null, 'whole recipe'],
])('%j is refused by the name of its field', (partial, place) => {
	expect(() => completeRecipe(partial)).toThrow(place);
});

test('the sentence names what the file leaves out', () => {
	expect(filledSentence('a.json', ['model', 'training.seed'])).toBe(
		'a.json leaves out model, training.seed; they are as in the default recipe.',
	);
	expect(filledSentence('a.json', ['model'])).toBe(
		'a.json leaves out model; it is as in the default recipe.',
	);
});
