/** The recipe that is being edited, across a reload of the tab. */
import { expect, test } from 'vitest';
import { DraftMemory } from '#app/recipe/draftMemory.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';

function memory() {
	const kept = new Map<string, string>();
	return {
		read: (name: string) => kept.get(name) ?? null,
		write: (name: string, value: string | null): void => {
			if (value !== null) kept.set(name, value);
		},
	};
}

const LONGER: Recipe = { ...DEFAULT_RECIPE, training: { ...DEFAULT_RECIPE.training, steps: 7 } };

test('a formula that is not finished comes back with all other changes', () => {
	const drafts = new DraftMemory(memory());
	const draft: Recipe = { ...LONGER, objective: { id: 'formula', beta: 0.5, formula: '-log_sigma(r_w - (' } };
	drafts.write(null, draft);
	expect(drafts.read(null)).toEqual(draft);
	expect(drafts.read('run-1')).toBeNull();
});

test('a recipe with another value out of range does not come back', () => {
	const drafts = new DraftMemory(memory());
	drafts.write(null, { ...LONGER, training: { ...LONGER.training, steps: -1 } });
	expect(drafts.read(null)).toBeNull();
});
