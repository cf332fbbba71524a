/** The model that each kind of a choice names at first. */
import { modelOfKind } from '#app/recipe/modelOfKind.ts';
import { SECOND_MODELS } from '#core/model/second/registry.ts';
import { expect, test } from 'vitest';

test('a built-in model has its own name, a server none, and a second model is a published one', () => {
	expect(modelOfKind('embedded', 'embedded-judge', null)).toEqual({
		endpoint: 'embedded',
		model: 'embedded-judge',
	});
	expect(modelOfKind('endpoint', 'embedded-judge', null)).toEqual({
		endpoint: 'http://localhost:11434/v1',
		model: '',
	});
	const { endpoint, model } = modelOfKind('local', 'embedded-judge', null);
	expect(endpoint).toBe('local');
	expect(SECOND_MODELS.map(({ id }) => id)).toContain(model);
});
