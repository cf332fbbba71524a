import { expect, test } from 'vitest';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { ReferenceCache, referenceKey } from '#train/reference.ts';

const EXAMPLES = [{ id: 'a', promptIds: [1], chosenIds: [2], rejectedIds: [3] }] as const;

test('a set is known by the reference, the tokens and the size of its passes', () => {
	const key = referenceKey(DEFAULT_RECIPE, EXAMPLES as never);
	const { training } = DEFAULT_RECIPE;
	const begin = { run: 'r', name: 'n', sha256: 'f'.repeat(64) };
	const others = [
		referenceKey({ ...DEFAULT_RECIPE, begin }, EXAMPLES as never),
		referenceKey({ ...DEFAULT_RECIPE, training: { ...training, batchPairs: 2 } }, EXAMPLES as never),
		referenceKey(DEFAULT_RECIPE, [{ ...EXAMPLES[0], rejectedIds: [4] }] as never),
	];
	expect(new Set([key, ...others]).size).toBe(4);
	// The same adapter of another run is the same reference.
	const renamed = { ...begin, run: 's', name: 'm' };
	expect(referenceKey({ ...DEFAULT_RECIPE, begin: renamed }, EXAMPLES as never)).toBe(others[0]);
	expect(referenceKey({ ...DEFAULT_RECIPE, objective: { id: 'dpo', beta: 2 } }, EXAMPLES as never)).toBe(key);
});

test('the set that was kept first is forgotten first', () => {
	const cache = new ReferenceCache();
	for (let i = 0; i < 9; i++) cache.keep(String(i), { a: [i] });
	expect(cache.known('0')).toEqual({});
	expect(cache.known('1')).toEqual({ a: [1] });
	expect(cache.known('8')).toEqual({ a: [8] });
});
