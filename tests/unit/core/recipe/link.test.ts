import { describe, expect, test } from 'vitest';
import { AppError } from '#core/errors.ts';
import { toBase64Url } from '#core/format/base64.ts';
import { compress } from '#core/format/compress.ts';
import { LINK_LIMITS, readRecipeLink, recipeLink, withoutEndpoint } from '#core/recipe/link.ts';
import { DEFAULT_RECIPE, type Recipe, withSeed } from '#core/recipe/recipe.ts';

const PAGE = 'https://anchorage.test/page/?x=1#old';

async function fragmentOf(json: unknown): Promise<string> {
	const bytes = new TextEncoder().encode(typeof json === 'string' ? json : JSON.stringify(json));
	return `#recipe=${toBase64Url(await compress(bytes, 'deflate-raw'))}`;
}

async function failure(fragment: string): Promise<AppError> {
	const thrown: unknown = await readRecipeLink(fragment).then(
		() => null,
		(error: unknown) => error,
	);
	if (thrown instanceof AppError) return thrown;
	throw new Error(`Expected an AppError, got ${String(thrown)}.`);
}

test('a link holds the recipe in its fragment and reads back as the same', async () => {
	const recipe: Recipe = {
		...withSeed(DEFAULT_RECIPE, 7),
		prompts: { source: 'world', world: 'instructions', count: 12, seed: 3, families: ['quoted', 'opening'] },
	};
	const link = new URL(await recipeLink(recipe, PAGE));
	expect(`${link.origin}${link.pathname}${link.search}`).toBe('https://anchorage.test/page/?x=1');
	expect(link.hash.length).toBeLessThan(1000);
	expect(await readRecipeLink(link.hash)).toEqual(recipe);
});

test('a link of a version with one world opens with that world', async () => {
	const { world, ...prompts } = DEFAULT_RECIPE.prompts;
	const old = { ...DEFAULT_RECIPE, prompts } as Recipe;
	const read = await readRecipeLink(new URL(await recipeLink(old, PAGE)).hash);
	expect(read).toEqual(DEFAULT_RECIPE);
	expect(read?.prompts.world).toBe(world);
});

test('no name, password or query of an endpoint is in a link', async () => {
	const endpoint = 'https://user:hunter2@api.test/v1?api-key=sk-secret#token';
	const recipe = { ...DEFAULT_RECIPE, reviser: { ...DEFAULT_RECIPE.reviser, endpoint, model: 'm' } };
	const read = await readRecipeLink(new URL(await recipeLink(recipe, PAGE)).hash);
	expect(read?.reviser).toEqual({ ...recipe.reviser, endpoint: 'https://api.test/v1' });
	expect(withoutEndpoint(recipe).reviser).toEqual({ ...recipe.reviser, ...DEFAULT_RECIPE.reviser });
});

test('a link is read with the end of its sentence and with the marks of other pages', async () => {
	const { hash } = new URL(await recipeLink(DEFAULT_RECIPE, PAGE));
	for (const end of ['.', '),', '&utm_source=chat.test&utm_medium=x', '”.', '…', ' ', '.&utm_source=a'])
		expect(await readRecipeLink(`${hash}${end}`)).toEqual(DEFAULT_RECIPE);
});

test('another fragment is not a recipe', async () => {
	expect(await readRecipeLink('')).toBeNull();
	expect(await readRecipeLink('#section')).toBeNull();
});

describe('a link is refused, with a hint,', () => {
	test('when a part of it is missing', async () => {
		const { hash } = new URL(await recipeLink(DEFAULT_RECIPE, PAGE));
		for (const broken of [hash.slice(0, -40), `${hash.slice(0, 60)}%%%`, '#recipe=', '#recipe=AAAA']) {
			const error = await failure(broken);
			expect(error.code).toBe('link-broken');
			expect(error.hint).toContain('Your own recipe is unchanged');
		}
	});

	test('when it holds no JSON', async () => {
		expect((await failure(await fragmentOf('hello'))).code).toBe('link-broken');
	});

	test('when a newer version wrote it', async () => {
		const error = await failure(await fragmentOf({ ...DEFAULT_RECIPE, schema: 2, flux: {} }));
		expect(error.code).toBe('link-newer');
		expect(error.message).toContain('form 2');
	});

	test('when a field is wrong, naming the field', async () => {
		const error = await failure(await fragmentOf({ ...DEFAULT_RECIPE, objective: { id: 'dpo', beta: -1 } }));
		expect(error.code).toBe('recipe-invalid');
		expect(error.message).toContain('objective.beta');
	});

	test('when it holds more than settings', async () => {
		const error = await failure(await fragmentOf({ ...DEFAULT_RECIPE, key: 'sk-secret' }));
		expect(error.code).toBe('recipe-invalid');
		expect(error.message).not.toContain('sk-secret');
	});

	test('when it is long, or unpacks to far more than a recipe', async () => {
		expect((await failure(`#recipe=${'A'.repeat(LINK_LIMITS.characters)}`)).code).toBe('link-too-large');
		const bomb = await fragmentOf(' '.repeat(4 * 1024 * 1024));
		expect(bomb.length).toBeLessThan(LINK_LIMITS.characters);
		expect((await failure(bomb)).code).toBe('link-too-large');
	});
});
