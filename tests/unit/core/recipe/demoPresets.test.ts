/** Presets for demos: the largest size that fits the time, and a fixed size while the pace is not known. */
import { describe, expect, it } from 'vitest';
import { DEMO_PRESETS, DEMO_SIZES, demoRecipe, sizeOf, withSize } from '#core/recipe/demoPresets.ts';
import { DEFAULT_RECIPE, readRecipe } from '#core/recipe/recipe.ts';

const [two, five] = DEMO_PRESETS;

describe('a preset', () => {
	it.each(DEMO_PRESETS)('of $title has its own size if the pace is not known', (preset) => {
		const recipe = demoRecipe(preset, DEFAULT_RECIPE, () => null);
		expect(sizeOf(recipe)).toEqual(preset.unmeasured);
		expect(readRecipe(recipe)).toEqual(recipe);
	});

	it('takes the largest size that fits its time', () => {
		const bySteps = (seconds: number) => (recipe: typeof DEFAULT_RECIPE) => recipe.training.steps * seconds;
		expect(sizeOf(demoRecipe(two!, DEFAULT_RECIPE, bySteps(2))).steps).toBe(60);
		expect(sizeOf(demoRecipe(five!, DEFAULT_RECIPE, bySteps(2)))).toEqual(DEMO_SIZES.at(-1));
		expect(sizeOf(demoRecipe(two!, DEFAULT_RECIPE, bySteps(1000)))).toEqual(DEMO_SIZES[0]);
	});

	it('changes only sizes', () => {
		const recipe = { ...DEFAULT_RECIPE, objective: { id: 'dpo', beta: 0.3 } };
		const small = withSize(recipe, DEMO_SIZES[0]!);
		expect(withSize(small, sizeOf(recipe))).toMatchObject({ ...recipe, training: { steps: 100 } });
		expect(small.objective).toEqual(recipe.objective);
	});
});
