/** One set of limits for the schema, the controls, links and files. */
import { describe, expect, it, test } from 'vitest';
import { SECTION_DEFAULTS } from '#core/recipe/sectionDefaults.ts';
import { isWithin, LIMITS, limitOf, limitText } from '#core/recipe/limits.ts';
import { recipeLink, readRecipeLink } from '#core/recipe/link.ts';
import { DEFAULT_RECIPE, readRecipe, type Recipe } from '#core/recipe/recipe.ts';
import { RecipeDraft } from '#app/recipe/recipeDraft.svelte.ts';
import { recipeFields } from '#core/recipe/fields.ts';
import { controlLimits, SETTINGS, withValue } from '#ui/recipe/settings.ts';

const paths = Object.keys(LIMITS);

test('every number of a recipe has its limits, and every limit is of a number', () => {
	const { seed } = DEFAULT_RECIPE.sampling;
	const { judge, stronger, others } = SECTION_DEFAULTS;
	const whole: Recipe = {
		...DEFAULT_RECIPE,
		reviser: { ...DEFAULT_RECIPE.reviser, skill: 1 },
		judge: { ...judge, seed },
		stronger: { ...stronger, seed },
		others: { ...others, models: [...others.models], seed },
	};
	const numbers = [...recipeFields(whole)].filter(
		([path, value]) => typeof value === 'number' && path !== 'schema',
	);
	expect(numbers.map(([path]) => path).sort()).toEqual([...paths].sort());
});

describe.each(paths)('%s', (path) => {
	const limit = limitOf(path) ?? { min: NaN, max: NaN };
	const { min, max, orZero } = limit;

	it('takes its smallest and largest value, and refuses what lies beyond, with the range', () => {
		for (const value of [min, max, ...(orZero === true ? [0] : [])])
			expect(() => readRecipe(withValue(DEFAULT_RECIPE, path, value))).not.toThrow();
		const beyond = [-1, 1e-60, 1e308, max * 2, NaN, Infinity].filter((value) => !isWithin(limit, value));
		expect(beyond.length).toBeGreaterThan(3);
		for (const value of beyond) {
			const read = (): Recipe => readRecipe(withValue(DEFAULT_RECIPE, path, value));
			expect(read).toThrow(expect.objectContaining({ code: 'recipe-invalid', context: { path } }));
			if (Number.isFinite(value)) expect(read).toThrow(`choose ${limitText(limit)}, not ${value}`);
		}
	});

	it('keeps its meaning in f32', () => {
		if (path.endsWith('seed')) return;
		for (const value of [min, max]) {
			const single = Math.fround(value);
			expect(Number.isFinite(single)).toBe(true);
			if (value !== 0) expect(Math.abs(single / value - 1)).toBeLessThan(1e-6);
		}
	});

	it('has a control that takes the same values', () => {
		const control = controlLimits(path);
		expect(control.max).toBe(max);
		expect(control.min).toBe(orZero === true ? 0 : min);
	});
});

test('1 − β stays above 0 in f32', () => {
	for (const path of ['optimiser.beta1', 'optimiser.beta2'] as const)
		expect(Math.fround(1 - Math.fround(LIMITS[path].max))).toBeGreaterThan(0);
});

test('the page’s settings are fields with limits or choices', () => {
	for (const { settings } of SETTINGS)
		for (const { path, choices } of settings)
			expect(choices !== undefined || limitOf(path) !== undefined).toBe(true);
});

test('a link with 5,000 tokens is a usable recipe; one beyond the limit says which setting', async () => {
	const fragment = async (maxTokens: number): Promise<string> => {
		const recipe = withValue(DEFAULT_RECIPE, 'sampling.maxTokens', maxTokens);
		return new URL(await recipeLink(recipe, 'http://localhost/')).hash;
	};
	expect((await readRecipeLink(await fragment(5000)))?.sampling.maxTokens).toBe(5000);
	await expect(readRecipeLink(await fragment(5_000_000))).rejects.toThrow(
		/sampling\.maxTokens.*between 1 and 131072/,
	);
});

describe('the draft', () => {
	test('names the path of the setting that it cannot run with', () => {
		const draft = new RecipeDraft();
		expect(draft.problemPath).toBeNull();
		draft.load(withValue(DEFAULT_RECIPE, 'optimiser.learningRate', 1e308));
		expect(draft.problemPath).toBe('optimiser.learningRate');
	});

	test('drops the parameters of an objective with the objective', () => {
		const draft = new RecipeDraft();
		draft.startFrom({ ...DEFAULT_RECIPE, objective: { id: 'dpo', beta: 0.5, parameters: {} } });
		draft.setObjective('apo_zero');
		expect(draft.recipe.objective).toEqual({ id: 'apo_zero', beta: 0.5 });
		draft.set('objective', 'beta', 2);
		draft.revert('objective.id');
		expect(draft.recipe.objective).toEqual({ id: 'dpo', beta: 2, parameters: {} });
	});
});
