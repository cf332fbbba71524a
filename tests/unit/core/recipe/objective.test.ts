/** The objective of a recipe: three forms, and every problem at its place. */
import { describe, expect, test } from 'vitest';
import { recipeChanges, withField } from '#core/recipe/fields.ts';
import { readRecipeFile } from '#core/recipe/file.ts';
import { readRecipeLink, recipeLink } from '#core/recipe/link.ts';
import { DEFAULT_RECIPE, readRecipe, type Recipe } from '#core/recipe/recipe.ts';

const withObjective = (objective: unknown): unknown => ({ ...DEFAULT_RECIPE, objective });
const FORMS: readonly Recipe['objective'][] = [
	{ id: 'formula', beta: 1, formula: '1 - sigma(r_w) + gamma*sigma(r_l)', parameters: { gamma: 0.5 } },
	{ id: 'formula', beta: 1, formula: '-logp_w/mean_len_w' },
	{
		id: 'sum',
		beta: 0.1,
		terms: [
			{ id: 'apo_zero', weight: 1 },
			{ id: 'sft', weight: 0.2 },
		],
	},
];

describe('the other forms', () => {
	test.each(FORMS)('$id reads as it was written, from a file and a link', async (objective) => {
		const recipe = readRecipe(withObjective(objective));
		expect(recipe.objective).toEqual(objective);
		const bytes = new TextEncoder().encode(JSON.stringify(recipe));
		expect(readRecipeFile('recipe.json', bytes).recipe).toEqual(recipe);
		expect(await readRecipeLink(new URL(await recipeLink(recipe, 'http://localhost/')).hash)).toEqual(recipe);
	});

	test.each([
		[{ id: 'apo_zero', beta: 1, formula: 'r_w' }, 'formula', 'only the objective "formula" has a formula'],
		[{ id: 'formula', beta: 1 }, 'formula', 'write the loss of one pair'],
		[{ id: 'formula', beta: 1, formula: '' }, 'formula', 'There is no expression yet'],
		[
			{ id: 'formula', beta: 1, formula: '1 - sigm(r_w)' },
			'formula',
			'“sigm” at character 5 is not a name here. Did you mean sigma?',
		],
		[{ id: 'formula', beta: 1, formula: 'r_w*(1/0)' }, 'formula', 'Characters 7 to 8'],
		[
			{ id: 'formula', beta: 1, formula: `${'('.repeat(70)}r_w${')'.repeat(70)}` },
			'formula',
			'nested more than 64 deep',
		],
		[
			{ id: 'formula', beta: 1, formula: 'r_w+'.repeat(2500) },
			'formula',
			'has 10000 characters; the most is 2000',
		],
		[
			{ id: 'formula', beta: 1, formula: 'r_w', parameters: { gamma: 1 } },
			'parameters.gamma',
			'the formula has no parameter "gamma"; it has none',
		],
		[
			{ id: 'formula', beta: 1, formula: 'gamma*r_w', parameters: { gamma: 1e7 } },
			'parameters.gamma',
			'choose a number between -1000000 and 1000000',
		],
		[{ id: 'formula', beta: 1, formula: 'r_w', terms: [] }, 'terms', 'only the objective "sum" has terms'],
		[{ id: 'sum', beta: 1 }, 'terms', 'name at least one term'],
		[{ id: 'sum', beta: 1, terms: [] }, 'terms', 'name at least one term'],
		[
			{ id: 'sum', beta: 1, terms: Array.from({ length: 9 }, () => ({ id: 'dpo', weight: 1 })) },
			'terms',
			'at most 8 terms, not 9',
		],
		[
			{
				id: 'sum',
				beta: 1,
				terms: [
					{ id: 'dpo', weight: 1 },
					{ id: 'ppo', weight: 1 },
				],
			},
			'terms.1.id',
			'did you mean dpo? Choose one of apo_zero',
		],
		[{ id: 'sum', beta: 1, terms: [{ id: 'dpo', weight: -1 }] }, 'terms.0.weight', 'not -1'],
		[{ id: 'sum', beta: 1, terms: [{ id: 'sum', weight: 1 }] }, 'terms.0.id', 'choose one of apo_zero'],
		[
			{ id: 'sum', beta: 1, terms: [{ id: 'dpo', weight: 1, parameters: { tau: 1 } }] },
			'terms.0.parameters.tau',
			'dpo has no parameter "tau"',
		],
		[
			{ id: 'sum', beta: 1, parameters: {}, terms: [{ id: 'dpo', weight: 1 }] },
			'parameters',
			'belong to its terms',
		],
	])('%j is refused at %s', (objective, path, message) => {
		const read = () => readRecipe(withObjective(objective));
		expect(read).toThrow(expect.objectContaining({ context: { path: `objective.${path}` } }));
		expect(read).toThrow(message);
	});
});

test('the changes between two forms are the fields that differ, and undoing one removes it', () => {
	const recipe = readRecipe(withObjective(FORMS[0]));
	expect(recipeChanges(DEFAULT_RECIPE, recipe).map(({ path }) => path)).toEqual([
		'objective.id',
		'objective.parameters',
		'objective.formula',
	]);
	expect(withField(recipe, 'objective.parameters', undefined).objective).not.toHaveProperty('parameters');
});
