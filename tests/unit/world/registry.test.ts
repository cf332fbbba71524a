import * as v from 'valibot';
import { expect, test } from 'vitest';
import { DEFAULT_RECIPE, storedRecipeSchema } from '#core/recipe/recipe.ts';
import { familyOf, reviseAnswer, scoreAnswer, worldOf, worlds } from '#core/world/registry.ts';
import { DEFAULT_WORLD, WORLD_IDS } from '#core/world/world.ts';

test('every id has its world, and the tiny one is the default', () => {
	expect(worlds.map(({ id }) => id)).toEqual(WORLD_IDS);
	for (const id of WORLD_IDS) expect(worldOf(id).id).toBe(id);
	expect(DEFAULT_WORLD).toBe('tiny');
	expect(DEFAULT_RECIPE.prompts.world).toBe('tiny');
});

test('the ids of families are unique over all worlds', () => {
	const ids = worlds.flatMap(({ families, untouched }) => [...families, ...untouched].map(({ id }) => id));
	expect(new Set(ids).size).toBe(ids.length);
	for (const id of ids) expect(familyOf(id)?.id).toBe(id);
	expect(familyOf('chess')).toBeNull();
});

test('a prompt is scored and revised by its own world only', () => {
	for (const world of worlds) {
		const count = world.families.length * 4;
		for (const { text, family } of world.prompts({ count, seed: 5, split: 'heldOut' })) {
			expect(scoreAnswer(text, '')).toMatchObject({ family, score: 0, strict: false, loose: false });
			expect(worlds.filter((other) => other.score(text, 'x') !== null)).toEqual([world]);
			expect(reviseAnswer(text, '', 1)).not.toBeNull();
		}
	}
	expect(scoreAnswer('What is love?', 'x')).toBeNull();
	expect(reviseAnswer('What is love?', 'x', 1)).toBeNull();
});

test.each(worlds)('the example of $id is a minimal edit that its own rule accepts', (world) => {
	const { prompt, flawed, revised, lesson } = world.example;
	expect(world.score(prompt, flawed)?.strict).toBe(false);
	expect(world.score(prompt, revised)?.strict).toBe(true);
	expect(lesson).toMatch(/^The model .*\.$/);
});

test('a world without untouched families has no such prompts', () => {
	expect(worldOf('tiny').prompts({ count: 10, seed: 1, split: 'untouched' })).toEqual([]);
});

test('a stored recipe of a version with one world has that world', () => {
	const { world, ...prompts } = DEFAULT_RECIPE.prompts;
	const stored = v.parse(storedRecipeSchema, { ...DEFAULT_RECIPE, prompts });
	expect(stored.prompts.world).toBe(world);
});
