/** The catalogue's data: counts, addresses and sizes agree with what is known of the published files. */
import { prebuiltAppConfig } from '@mlc-ai/web-llm';
import { describe, expect, test } from 'vitest';
import { parametersOf } from '#core/model/parameters.ts';
import { downloadBytes } from '#core/model/published/downloadBytes.ts';
import { PUBLISHED_MODELS, publishedIn, repositoryOf } from '#core/model/published/registry.ts';
import { recipeChanges } from '#core/recipe/fields.ts';
import { readRecipe } from '#core/recipe/recipe.ts';
import { publishedRecipe, suggestedRecipe } from '#core/recipe/suggested.ts';
import { readHubAddress } from '#runtime/models/hub/address.ts';

/** Parameters and bytes of `model.safetensors` (or of all its parts), as the hub lists them. */
const LISTED: Readonly<Record<string, readonly [parameters: number, bytes: number]>> = {
	'smollm2-135m-instruct': [134_515_008, 269_060_552],
	'smollm2-360m-instruct': [361_821_120, 723_674_912],
	'qwen2.5-0.5b-instruct': [494_032_768, 988_097_824],
	// The files hold the tied head a second time.
	'qwen3-0.6b': [596_049_920, 1_503_300_328],
	'llama-3.2-1b-instruct': [1_235_814_400, 2_471_645_608],
	'tinyllama-1.1b-chat': [1_100_048_384, 2_200_119_864],
	'llama-3.1-8b-instruct': [8_030_261_248, 16_060_556_376],
};
const mlc = new Set(prebuiltAppConfig.model_list.map(({ model }) => new URL(model).pathname.slice(1)));

describe.each(PUBLISHED_MODELS.map((model) => [model.id, model] as const))('%s', (id, model) => {
	test('has the stated number of parameters', () => {
		expect(Math.round(parametersOf(model.config) / 1e6)).toBe(model.millions);
		const [parameters, bytes] = LISTED[id] ?? [];
		if (parameters === undefined || bytes === undefined) return;
		expect(parametersOf(model.config)).toBe(parameters);
		expect(Math.abs(downloadBytes(model, 'bf16') / bytes - 1)).toBeLessThan(0.001);
	});

	test('is on the hub under names that can be read, and MLC’s are in WebLLM’s list', () => {
		for (const { address, precision } of model.downloads) {
			const { repository, quantization } = readHubAddress(address);
			expect(repository).toBe(repositoryOf(address));
			expect(quantization).toBe(precision === 'Q8_0' ? 'Q8_0' : null);
			if (address.startsWith('mlc-ai/')) expect(mlc).toContain(address);
			expect(publishedIn(repository)).toBe(model);
		}
		expect(model.page.startsWith('https://huggingface.co/')).toBe(true);
		expect(model.released).toMatch(/^20\d\d-(?:0[1-9]|1[0-2])$/);
	});

	test('can be downloaded without asking for access, or says that it cannot', () => {
		expect(model.downloads.some(({ gated }) => !gated)).toBe(true);
		expect(model.downloads.some(({ gated }) => gated)).toBe(model.maker === 'Meta');
		expect(model.license.mustAccept).toBe(model.maker === 'Meta');
	});

	test('has a recipe that a run can start with', () => {
		const recipe = publishedRecipe(model);
		expect(readRecipe(recipe)).toEqual(recipe);
		expect(recipe.prompts.world).toBe('instructions');
	});
});

test('ids are unique, and the smallest model comes first', () => {
	expect(new Set(PUBLISHED_MODELS.map(({ id }) => id)).size).toBe(PUBLISHED_MODELS.length);
	const sizes = PUBLISHED_MODELS.map(({ config }) => parametersOf(config));
	expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
});

test('larger models learn at lower rates; another model’s recipe comes from its size', () => {
	const rate = (parameters: number): number =>
		suggestedRecipe({ id: 'x', origin: { place: 'disk', name: 'x' }, parameters }).optimiser.learningRate;
	expect([1.35e8, 5e8, 1.2e9, 8e9].map(rate)).toEqual([1e-3, 5e-4, 2e-4, 1e-4]);
});

test('a published model in a file on disk has the recipe of the catalogue', () => {
	const [published] = PUBLISHED_MODELS;
	if (published === undefined) throw new Error('no published model');
	const origin = { place: 'disk', name: 'SmolLM2-135M-Instruct.Q4_1.gguf' } as const;
	const parameters = parametersOf(published.config);
	expect(suggestedRecipe({ id: published.id, origin, parameters })).toEqual(publishedRecipe(published));
});

test('the model beside the page keeps the defaults', () => {
	const small = suggestedRecipe({ id: 'anchor-1m', origin: { place: 'page' }, parameters: 9e5 });
	expect(
		recipeChanges(suggestedRecipe({ ...{ id: 'x', parameters: 9e5 }, origin: { place: 'page' } }), small),
	).toEqual([{ path: 'model', from: 'x', to: 'anchor-1m' }]);
});
