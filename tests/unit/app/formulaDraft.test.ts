import { checkFormula, FormulaDraft, withParameters, withText } from '#app/recipe/formulaDraft.svelte.ts';
import { FORMULA, type ObjectiveSettings } from '#core/loss/objectives/settings.ts';
import { readRecipe, DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { describe, expect, test } from 'vitest';

const formula = (text: string, parameters?: Record<string, number>): ObjectiveSettings => ({
	id: FORMULA,
	beta: 0.1,
	formula: text,
	...(parameters && { parameters }),
});

describe('bad text is a problem with a place, never a crash', () => {
	test.each([
		['1 - sigma(r_x)', '“r_x” at character 11 is not a name here.', 10, 13],
		['1 - sigma(r_w', 'The parenthesis opened at character 10 is never closed.', 9, 10],
		['1 - sigma(r_w))', 'The parenthesis closed at character 15 was never opened.', 14, 15],
		['1/0', '', 1, 3],
		['', 'There is no expression yet.', 0, 0],
		['r_w'.repeat(3334), 'The expression has 10002 characters; the most is 2000.', 2000, 10002],
		['('.repeat(500), '', 64, 65],
	])('%.30s', (text, message, start, end) => {
		const { problem } = checkFormula(formula(text));
		expect(problem?.message).toContain(message);
		expect(problem?.span).toEqual({ start, end });
		expect(`${problem?.message} ${problem?.hint}`).toMatch(/[.?”)]$/);
	});

	test('deep nesting within the limit compiles', () => {
		const text = `${'-('.repeat(30)}r_w - r_l${')'.repeat(30)}`;
		expect(checkFormula(formula(text)).objective).not.toBeNull();
	});
});

describe('parameters', () => {
	test('values stay while a text that cannot be read is typed, and go with their name', () => {
		const start = formula('gamma*r_l - tau*r_w', { gamma: 2, tau: 3 });
		expect(withText(start, 'gamma*(r_l').parameters).toEqual({ gamma: 2, tau: 3 });
		expect(withText(start, 'gamma*r_l - r_w').parameters).toEqual({ gamma: 2 });
		expect(withText(start, 'r_l - r_w').parameters).toBeUndefined();
	});

	test('a slider’s value reaches the objective', () => {
		const settings = withParameters(formula('gamma*r_l'), { gamma: 0.25 });
		const { objective } = checkFormula(settings);
		expect(objective?.parameters?.['gamma']?.default).toBe(0.25);
	});
});

describe('the draft', () => {
	test('starts from any registered objective with the same numbers, and fits into a recipe', () => {
		const draft = new FormulaDraft(() => 0.3);
		expect([draft.settings, draft.usable, draft.onPlane]).toEqual([null, null, false]);
		draft.beginFrom({ id: 'apo_zero', beta: 0.1 });
		expect(draft.settings).toEqual({ id: FORMULA, beta: 0.3, formula: '1 - sigma(r_w) + sigma(r_l)' });
		expect(draft.onPlane).toBe(true);
		const objective = { id: FORMULA, beta: 0.3, formula: draft.settings?.formula ?? '' };
		expect(readRecipe({ ...DEFAULT_RECIPE, objective }).objective).toEqual(objective);
	});

	test('keeps the last usable form on the plane while the text is broken', () => {
		const draft = new FormulaDraft(() => 0.3);
		draft.beginFrom({ id: 'dpo', beta: 0.1 });
		const before = draft.usable;
		draft.write(formula('-log_sigma(r_w - '));
		expect(draft.check?.problem?.message).toContain('ends after');
		expect(draft.usable).toBe(before);
	});
});

describe('a reload of the tab', () => {
	function memory() {
		const kept = new Map<string, string>();
		return {
			read: (name: string) => kept.get(name) ?? null,
			write: (name: string, value: string | null): void => {
				if (value === null) kept.delete(name);
				else kept.set(name, value);
			},
		};
	}

	test('keeps the formula that is written, also one with a problem, and offers it again', () => {
		const tab = memory();
		const before = new FormulaDraft(() => 0.1, tab);
		expect(before.restored).toBe(false);
		before.write(formula('gamma*r_l - (r_w', { gamma: 2 }));
		const after = new FormulaDraft(() => 0.3, tab);
		expect(after.settings).toEqual({ ...formula('gamma*r_l - (r_w', { gamma: 2 }), beta: 0.3 });
		expect([after.restored, after.onPlane]).toEqual([true, false]);
		after.write(formula('r_l - r_w'));
		expect(after.restored).toBe(false);
	});

	test.each(['', 'null', '{"formula":3}', '{"formula":"r_w","parameters":{"a":"x"}}', '[]'])(
		'ignores “%s” in the tab’s memory',
		(text) => {
			const tab = memory();
			tab.write('anchorage.formula', text);
			expect(new FormulaDraft(() => 0.1, tab).settings).toBeNull();
		},
	);
});
