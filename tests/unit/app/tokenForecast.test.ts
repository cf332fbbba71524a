/** Requests and tokens that each asked model of a draft will take. */
import { expect, test } from 'vitest';
import { ImportedPrompts } from '#app/recipe/importedData.svelte.ts';
import { type EarlierRun, forecastOf } from '#app/recipe/tokenForecast.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';

const NONE: EarlierRun = {
	recipe: DEFAULT_RECIPE,
	steps: { output: { outputs: [] }, answer: { outputs: [] } },
	traffic: { requests: [] },
};
const imported = { prompts: new ImportedPrompts() };
const COUNT = 40;

function recipeOf(method: string, more: Partial<Recipe> = {}): Recipe {
	const { prompts, pairs } = DEFAULT_RECIPE;
	return {
		...DEFAULT_RECIPE,
		...more,
		prompts: { ...prompts, count: COUNT },
		pairs: { ...pairs, method },
	};
}
const requests = (place: string, recipe: Recipe): number | null =>
	forecastOf(place, recipe, imported, NONE)?.requests ?? null;

test.each([
	['clair', { reviser: COUNT, judge: null, stronger: null, 'others 1': null }],
	['on_policy_judge', { reviser: null, judge: 2 * COUNT, stronger: null, 'others 1': null }],
	['stronger_preferred', { reviser: null, judge: null, stronger: COUNT, 'others 1': null }],
	[
		'off_policy_judge',
		{ reviser: null, judge: 2 * COUNT, stronger: null, 'others 1': COUNT, 'others 2': COUNT },
	],
])('%s asks its own models, the judge twice a prompt', (method, expected) => {
	const recipe = recipeOf(method);
	for (const [place, n] of Object.entries(expected))
		expect([place, requests(place, recipe)]).toEqual([place, n]);
	expect(requests('others 3', recipe)).toBeNull();
});

test('three other models share the prompts, and a limit of requests caps the judge', () => {
	const models = ['a', 'b', 'c'].map((model) => ({ endpoint: 'http://localhost:9/v1', model }));
	const recipe = recipeOf('off_policy_judge', { others: { models }, judge: { budget: 10 } });
	expect(requests('others 3', recipe)).toBe(Math.ceil((2 * COUNT) / 3));
	expect(requests('judge', recipe)).toBe(10);
});

test('a judge reads two answers, whose length an earlier run knows', () => {
	const recipe = recipeOf('on_policy_judge');
	const limit = forecastOf('judge', recipe, imported, NONE);
	expect(limit).toMatchObject({ promptsKnown: false, repliesKnown: false });
	const prompt = { id: 'p', text: 'Say hello.', family: null };
	const output = { id: 'p.o1', prompt, text: 'x'.repeat(8), model: 'm' } as never;
	const earlier: EarlierRun = { ...NONE, steps: { ...NONE.steps, output: { outputs: [output] } } };
	const known = forecastOf('judge', recipe, imported, earlier);
	expect(known).toMatchObject({ promptsKnown: true });
	const perRequest = 2 * (recipe.sampling.maxTokens - 2);
	expect((limit?.promptTokens ?? 0) - (known?.promptTokens ?? 0)).toBe(2 * COUNT * perRequest);
});
