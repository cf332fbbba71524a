/** The sections of models that only some data methods ask: sparse, with defaults, and without secrets. */
import { describe, expect, test } from 'vitest';
import { RecipeDraft } from '#app/recipe/recipeDraft.svelte.ts';
import { askedJudge, askedOthers, askedReviser, askedStronger, replyKey } from '#core/recipe/askedModel.ts';
import { readRecipeLink, recipeLink, withoutEndpoint, withoutSecrets } from '#core/recipe/link.ts';
import { askedEndpoints, ownEndpoints } from '#core/recipe/ownEndpoints.ts';
import { DEFAULT_RECIPE, readRecipe, withSeed, type Recipe } from '#core/recipe/recipe.ts';
import { withoutUnasked } from '#core/recipe/unasked.ts';
import { castMember } from '#core/cast/registry.ts';
import { withValue } from '#ui/recipe/settings.ts';

const judged: Recipe = { ...DEFAULT_RECIPE, pairs: { ...DEFAULT_RECIPE.pairs, method: 'on_policy_judge' } };
const SERVER = 'https://judge.example/v1';

describe('defaults', () => {
	test('a recipe without sections asks the built-in cast, with the seed of the sampling', () => {
		const recipe = withSeed(judged, 7);
		expect(recipe).not.toHaveProperty('judge');
		expect(askedJudge(recipe)).toMatchObject({
			endpoint: 'embedded',
			model: 'embedded-judge',
			temperature: 0,
			seed: 7,
		});
		expect(askedStronger(recipe).model).toBe('embedded-stronger');
		expect(askedOthers(recipe).map(({ model }) => model)).toEqual(['embedded-other-a', 'embedded-other-b']);
		expect(askedReviser(recipe).model).toBe('embedded-reviser');
	});

	test('settings of the cast go into the names, which the cast understands', () => {
		const recipe: Recipe = {
			...judged,
			reviser: { ...judged.reviser, skill: 0.5 },
			judge: { noise: 0, lengthBias: 0.05 },
			stronger: { manner: 'own' },
		};
		const names = [askedReviser(recipe), askedJudge(recipe), askedStronger(recipe)].map(({ model }) => model);
		expect(names).toEqual([
			'embedded-reviser:skill=0.5',
			'embedded-judge:noise=0',
			'embedded-stronger:manner=own',
		]);
		for (const name of names) expect(castMember(name)).toHaveProperty('values');
	});

	test('pace and limits of requests do not change the replies', () => {
		const slow = { ...judged, judge: { concurrency: 1, budget: 10 } };
		expect(replyKey(askedJudge(slow))).toBe(replyKey(askedJudge(judged)));
		expect(replyKey(askedJudge({ ...judged, judge: { noise: 0 } }))).not.toBe(replyKey(askedJudge(judged)));
	});
});

describe('a wrong section is named', () => {
	test.each<[string, Partial<Record<'judge' | 'stronger' | 'others', object>>]>([
		['judge.model', { judge: { endpoint: SERVER } }],
		['judge.endpoint', { judge: { endpoint: 'localhost:8080', model: 'm' } }],
		['judge.noise', { judge: { noise: -1 } }],
		['stronger.manner', { stronger: { manner: 'loud' } }],
		['others.models', { others: { models: [{ endpoint: 'embedded', model: 'embedded-other-a' }] } }],
		[
			'others.models.1.model',
			{
				others: {
					models: [
						{ endpoint: 'embedded', model: 'a' },
						{ endpoint: SERVER, model: ' ' },
					],
				},
			},
		],
		['judge.apiKey', { judge: { apiKey: 'secret' } }],
	])('%s', (path, sections) => {
		expect(() => readRecipe({ ...judged, ...sections })).toThrow(
			expect.objectContaining({ context: { path } }),
		);
	});
});

describe('the draft', () => {
	test('a value that is set back to its default leaves no trace', () => {
		const changed = withValue(judged, 'judge.noise', 0.2);
		expect(changed.judge).toEqual({ noise: 0.2 });
		expect(withValue(changed, 'judge.noise', 0.6)).toEqual(judged);
	});

	test('a change of a section can be undone', () => {
		const draft = new RecipeDraft();
		draft.startFrom(judged);
		draft.load(withValue(withValue(judged, 'judge.noise', 0), 'judge.lengthBias', 0.1));
		expect(draft.changes.map(({ path }) => path)).toEqual(['judge.noise', 'judge.lengthBias']);
		draft.revert('judge.noise');
		expect(draft.recipe.judge).toEqual({ lengthBias: 0.1 });
		draft.revert('judge.lengthBias');
		expect(draft.recipe).toEqual(judged);
		draft.startFrom({ ...judged, judge: { noise: 0 } });
		draft.load(judged);
		expect(draft.changes).toEqual([{ path: 'judge.noise', from: 0, to: undefined }]);
		draft.revert();
		expect(draft.recipe.judge).toEqual({ noise: 0 });
	});
});

describe('servers', () => {
	const secret = `${SERVER}?api_key=sk-verysecret`;
	const named: Recipe = {
		...judged,
		judge: { endpoint: SERVER, model: 'm', noise: 0 },
		others: {
			models: [
				{ endpoint: SERVER, model: 'x' },
				{ endpoint: 'embedded', model: 'embedded-other-a' },
			],
		},
	};

	test('are those that the method asks, or all that are named', () => {
		expect(askedEndpoints(named)).toEqual([{ role: 'the judge', endpoint: SERVER, model: 'm' }]);
		expect(ownEndpoints(named).map(({ role }) => role)).toEqual(['the judge', 'another model']);
		expect(askedEndpoints({ ...named, pairs: { ...named.pairs, method: 'clair' } })).toEqual([]);
	});

	test('lose what can hold a key, and leave a link on request', async () => {
		const unsafe = { ...named, judge: { ...named.judge, endpoint: secret } };
		expect(JSON.stringify(withoutSecrets(unsafe))).not.toContain('verysecret');
		const link = new URL(await recipeLink(readRecipe(unsafe), 'http://localhost/')).hash;
		expect((await readRecipeLink(link))?.judge?.endpoint).toBe(SERVER);
		const shared = withoutEndpoint(named);
		expect(ownEndpoints(shared)).toEqual([]);
		expect(shared.judge).toEqual({ noise: 0 });
		expect(() => readRecipe(shared)).not.toThrow();
	});

	test('a run keeps the sections that its method asks', () => {
		expect(withoutUnasked(named)).toEqual({ ...named, others: undefined });
		const clair = { ...named, pairs: { ...named.pairs, method: 'clair' } };
		expect(Object.keys(withoutUnasked(clair))).toEqual(Object.keys(DEFAULT_RECIPE));
	});
});
