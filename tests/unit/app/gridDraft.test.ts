import { describe, expect, test } from 'vitest';
import { GridDraft, type GridPlan } from '#app/grid/gridDraft.svelte.ts';
import { readGrid } from '#core/grid/grid.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';

function draftOf(line: string): GridDraft {
	const draft = new GridDraft(() => DEFAULT_RECIPE);
	draft.line = line;
	return draft;
}
function planOf({ check }: GridDraft): GridPlan {
	if (check.plan === null) throw check.problem;
	return check.plan;
}

describe('the line and the table', () => {
	test('a typed line fills the table', () => {
		expect(draftOf('objective: apo_zero, dpo; lr: 1e-3; seed: 1..3').rows).toEqual([
			{ path: 'objective', values: ['apo_zero', 'dpo'] },
			{ path: 'optimiser.learningRate', values: [0.001] },
			{ path: 'seed', values: [1, 2, 3] },
		]);
	});

	test('a change of the table is in the line, before the seeds', () => {
		const draft = draftOf('objective: apo_zero, dpo; seed: 1..3');
		draft.set('objective.beta', [0.1, 1]);
		draft.set('objective', ['dpo']);
		expect(draft.line).toBe('objective: dpo; beta: 0.1, 1; seed: 1..3');
		draft.set('objective', []);
		expect(draft.line).toBe('beta: 0.1, 1; seed: 1..3');
	});

	test('the table stays while the line has a fault, which names the column', () => {
		const draft = draftOf('beta: 0.1, 1; seed: 1, 2');
		const before = draft.rows;
		draft.line = 'beta: 0.1, 1,; seed: 1, 2';
		expect(draft.rows).toEqual(before);
		expect(draft.lineProblem?.message).toContain('Column 14');
		expect(draft.check.problem).toEqual(draft.lineProblem);
	});

	test('a setting under two names is a fault, and no second row', () => {
		expect(draftOf('lr: 0.1, 1; learningRate: 2').lineProblem?.code).toBe('grid-invalid');
	});
});

describe('the plan', () => {
	test('starts from the recipe on the page, and counts cells and runs', () => {
		const { grid, cells, runs } = planOf(draftOf('objective: apo_zero, dpo; beta: 0.1, 1; seed: 1..3'));
		expect([cells.length, runs.length, grid.base]).toEqual([4, 12, DEFAULT_RECIPE]);
		expect(grid.name).toBe('objective × β');
	});

	test.each([
		['', 'grid-one-run'],
		['beta: 1', 'grid-one-run'],
		['rank: 1..50; batchPairs: 1..10', 'grid-too-large'],
		['beta: 1; objective: apo_zero, nonsense', 'recipe-invalid'],
	])('%j has a clear answer', (line, code) => {
		expect(draftOf(line).check.problem?.code).toBe(code);
	});

	const CONTRADICTION = 'data: clair, on_policy_judge; judge.noise: 0, 1; seed: 1, 2';

	test('names every cell of a contradiction', () => {
		const { check } = draftOf(CONTRADICTION);
		expect(check.problem?.code).toBe('grid-contradiction');
		expect(check.plan === null && check.faults.map(({ cell }) => cell)).toEqual([
			'clair, noise 0',
			'clair, noise 1',
		]);
	});

	test('runs the other cells if the user leaves these out', () => {
		const draft = draftOf(CONTRADICTION);
		draft.leavesOut = true;
		const { cells, runs, faults } = planOf(draft);
		expect(cells.map(({ name }) => name)).toEqual(['on_policy_judge, noise 0', 'on_policy_judge, noise 1']);
		expect([runs.length, faults.length]).toEqual([4, 2]);
	});

	test('keeps the named cells of a preset, and compares only those that are left', () => {
		const draft = draftOf('');
		draft.load(
			readGrid({
				schema: 1,
				name: 'Two',
				vary: { seed: [1, 2] },
				cells: { a: { beta: 1 }, b: { beta: 2 }, c: { beta: 3 } },
				compare: [
					['a', 'b'],
					['b', 'c'],
				],
			}),
		);
		expect(draft.line).toBe('seed: 1, 2');
		draft.removeCell('a');
		const { cells, grid } = planOf(draft);
		expect(cells.map(({ name }) => name)).toEqual(['b', 'c']);
		expect(grid.compare).toEqual([['b', 'c']]);
	});
});
