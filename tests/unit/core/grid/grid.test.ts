import { describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { AppError } from '#core/errors.ts';
import { gridCells } from '#core/grid/cells.ts';
import { readGridFile } from '#core/grid/file.ts';
import { readGrid } from '#core/grid/grid.ts';
import { readGridLine } from '#core/grid/line.ts';
import { gridRuns, planSharing } from '#core/grid/runs.ts';
import { recipeChanges } from '#core/recipe/fields.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';

const gridOf = (given: string | object) => readGrid(typeof given === 'string' ? readGridLine(given) : given);
const cellsOf = (given: string | object) => gridCells(gridOf(given));
const runsOf = (given: string | object) => gridRuns(gridOf(given));

/** Code, message and hint of the refusal. */
function refusal(given: string | object): { code: string; message: string; hint: string } {
	try {
		runsOf(given);
	} catch (error) {
		if (error instanceof AppError) return { code: error.code, message: error.message, hint: error.hint };
		throw error;
	}
	throw new Error('not refused');
}

describe('a typed line', () => {
	test('gives every combination, the first setting slowest, and all seeds', () => {
		const line = 'objective: apo_zero, apo_down; beta: 0.1, 1; seed: 1..3';
		expect(cellsOf(line).map(({ name }) => name)).toEqual([
			'apo_zero, beta 0.1',
			'apo_zero, beta 1',
			'apo_down, beta 0.1',
			'apo_down, beta 1',
		]);
		expect(runsOf(line)).toHaveLength(12);
	});

	test('is the grid of the JSON with the same settings', () => {
		expect(gridOf('rank: 1..3; lr: 1e-3, 4e-3; seed: 7')).toEqual(
			gridOf({
				schema: 1,
				vary: { 'lora.rank': [1, 2, 3], 'optimiser.learningRate': [0.001, 0.004], seed: [7] },
			}),
		);
	});

	test('has formulas with commas, JSON and quoted words as values', () => {
		const [own, words, sum] = cellsOf(
			'objective: 1 - sigma(r_w) + max(r_l, 0), "dpo", {"id": "sum", "terms": [{"id": "sft", "weight": 1}]}',
		).map(({ recipe }) => recipe.objective);
		expect(own).toEqual({ id: 'formula', beta: 1, formula: '1 - sigma(r_w) + max(r_l, 0)' });
		expect(words).toEqual({ id: 'dpo', beta: 1 });
		expect(sum).toEqual({ id: 'sum', beta: 1, terms: [{ id: 'sft', weight: 1 }] });
	});

	test.each([
		['', 'grid-line', 'The line is empty'],
		['beta 1, 2', 'grid-line', 'Column 1: a colon is missing'],
		['beta: 1,, 2', 'grid-line', 'Column 9: a value is missing'],
		['beta: 1, 2; rank: 4; beta: 3', 'grid-line', 'Column 22: “beta” is there twice'],
		['objective: "dpo, ipo', 'grid-line', 'Column 12: this value is not JSON'],
		['seed: 5..1', 'grid-range', 'Column 7: the range 5..1 has no numbers'],
		['beta: 1, 2; betta: 1', 'grid-setting-unknown', 'Column 13: there is no setting “betta”'],
		['count: 1, 2', 'grid-setting-unknown', 'Column 1: there is no setting “count”'],
	])('%j is refused', (line, code, message) => {
		const refused = refusal(line);
		expect(refused).toMatchObject({ code });
		expect(refused.message).toContain(message);
	});

	test('offers no setting that is not near', () => {
		expect(refusal('foo: 1, 2').hint).not.toContain('Did you mean');
	});

	test.each([
		['beta: 1..1e9', 'grid-invalid', '"1..1e9" is no number'],
		['beta: ((((', 'grid-invalid', '"((((" is no number'],
		['beta: x', 'grid-invalid', '"x" is no number'],
		['beta: 1, Infinity', 'grid-invalid', '"Infinity" is no number'],
		['objective: dpoo', 'recipe-invalid', 'did you mean dpo? Choose one of'],
		['objective: r_w +', 'recipe-invalid', 'objective.formula'],
	])('“%s” is refused because of its value', (line, code, message) => {
		const error = refusal(line);
		expect(error.code).toBe(code);
		expect(error.message).toContain(message);
	});

	test.each([
		[[], 'write it as an object'],
		[{ vary: { beta: [1, 2] } }, 'schema: it is not usable: it is missing'],
		[{ schema: 1, cells: [{ beta: 1 }, { beta: 2 }] }, 'cells: it is not usable: write it as an object'],
		[{ schema: 1, vary: { seed: [1, 2] }, foo: 1 }, 'no field has the name "foo"'],
		[{ schema: 1, cells: { a: { beta: null } } }, 'null is no number'],
	])('the file %j is refused in plain words', (json, message) => {
		expect(() => readGrid(json)).toThrow(message);
	});

	test('offers the nearest setting, and the paths of an ambiguous name', () => {
		expect(refusal('betta: 1, 2').hint).toContain('Did you mean beta?');
		expect(refusal('count: 1, 2').hint).toContain('prompts.count and evaluation.count');
	});
});

describe('a grid', () => {
	test('fills in the base with the default recipe', () => {
		const { base } = gridOf({ schema: 1, base: { training: { steps: 4 } }, vary: { seed: [1, 2] } });
		expect(recipeChanges(DEFAULT_RECIPE, base).map(({ path, to }) => [path, to])).toEqual([
			['training.steps', 4],
		]);
	});

	test('runs one seed of every cell before the second, and parents before their children', () => {
		const grid = {
			schema: 1,
			cells: { tuned: { begin: 'first', objective: 'apo_down' }, first: {} },
			vary: { seed: '1..2' },
		};
		const runs = runsOf(grid);
		expect(runs.map(({ key, begin }) => [key, begin])).toEqual([
			['first.seed1', null],
			['tuned.seed1', 'first.seed1'],
			['first.seed2', null],
			['tuned.seed2', 'first.seed2'],
		]);
		// A tuned model gets prompts that it was not tuned on.
		expect(runs.map(({ recipe }) => recipe.prompts.seed)).toEqual([1, 2, 2, 3]);
		expect(runs.map(({ recipe }) => recipe.lora.seed)).toEqual([1, 1, 2, 2]);
	});

	test('keeps the base recipe’s seeds without seeds of its own', () => {
		const [run] = runsOf({ schema: 1, base: { lora: { seed: 9 } }, vary: { beta: [1, 2] } });
		expect(run?.recipe.lora.seed).toBe(9);
		expect(run?.recipe.training.seed).toBe(1);
	});

	test('names files after the cells, safely and without two of one name', () => {
		const keys = runsOf({
			schema: 1,
			cells: {
				'a/b': {},
				'a b': { objective: 'dpo' },
				A_b: { objective: 'sft' },
				'..': { objective: 'kto' },
			},
			vary: { seed: [1] },
		}).map(({ key }) => key);
		expect(new Set(keys.map((key) => key.toLowerCase())).size).toBe(4);
		for (const key of keys) expect(key).toMatch(/^[\w-][\w.-]*$/);
	});

	test('knows a run again by its experiment, also if the rest of the grid changes', () => {
		const [first] = runsOf('beta: 1, 2; seed: 1');
		const [, second] = runsOf('beta: 0.5, 1; seed: 1, 2');
		expect(first?.identity).toBe(second?.identity);
		const cells = { tuned: { begin: 'first' }, first: { beta: 1 } };
		const [one, child] = runsOf({ schema: 1, cells, vary: { seed: [1] } });
		const other = runsOf({ schema: 1, cells: { ...cells, first: { beta: 2 } }, vary: { seed: [1] } });
		expect(other[0]?.identity).not.toBe(one?.identity);
		expect(other[1]?.identity).not.toBe(child?.identity);
	});

	test.each([
		['nothing is varied', { schema: 1 }, 'grid-one-run', 'a single run'],
		['one value', 'beta: 1', 'grid-one-run', 'a single run'],
		['500 cells', 'rank: 1..50; batchPairs: 1..10', 'grid-too-large', '500 cells'],
		['too many runs', 'rank: 1..100; seed: 1..11', 'grid-too-large', '1100 runs'],
		['another version', { schema: 2 }, 'grid-invalid', 'schema'],
		['an unknown field', { schema: 1, varies: {} }, 'grid-invalid', 'varies'],
		['no value', { schema: 1, vary: { beta: [] } }, 'grid-invalid', 'vary.beta: it has no value'],
		['no list', { schema: 1, vary: { beta: 1 } }, 'grid-invalid', 'vary.beta'],
		['a value twice', 'beta: 1, 2, 1', 'grid-invalid', 'vary.beta: value 3, 1, is there twice'],
		[
			'a setting under two names',
			{ schema: 1, vary: { beta: [1], 'objective.beta': [2] } },
			'grid-invalid',
			'objective.beta',
		],
		['a seed that is none', 'seed: 1, x', 'grid-invalid', 'vary.seed, value 2'],
		['a value of the wrong type', 'beta: 1, x', 'grid-invalid', 'vary.beta: "x" is no number'],
		['a value out of range', 'beta: 1, -1', 'recipe-invalid', 'The cell “beta -1” (beta: -1)'],
		['an unknown objective', 'objective: apo_zero, apo_one', 'recipe-invalid', 'The cell “apo_one”'],
		['a formula that cannot be read', 'objective: dpo, sigma(r_w) +', 'recipe-invalid', 'objective.formula'],
		[
			'a faulty base',
			{ schema: 1, base: { training: { stepz: 1 } }, vary: { seed: [1, 2] } },
			'recipe-invalid',
			"The base: The recipe's training.stepz",
		],
		['seeds twice', 'seed: 1, 2; lora.seed: 1, 2', 'grid-contradiction', 'vary.lora.seed'],
		[
			'the objective twice',
			{ schema: 1, vary: { objective: ['dpo', 'sft'], 'objective.terms': [[], [1]] } },
			'grid-contradiction',
			'objective.terms',
		],
		[
			'a setting varied and set by a cell',
			{ schema: 1, cells: { a: { beta: 1 } }, vary: { beta: [1, 2] } },
			'grid-contradiction',
			'The cell “a”',
		],
		[
			'a setting without effect',
			'data: clair, on_policy_judge; noise: 0, 1',
			'grid-contradiction',
			'judge.noise has no effect',
		],
		[
			'two cells of one experiment',
			{ schema: 1, cells: { a: {}, b: { beta: 1 } } },
			'grid-contradiction',
			'the same experiment as “a”',
		],
		['seeds of a cell', { schema: 1, cells: { a: { seed: 1 }, b: {} } }, 'grid-invalid', 'The cell “a”'],
		['a cell that begins from none', { schema: 1, cells: { a: { begin: 'z' }, b: {} } }, 'grid-begin', '“z”'],
		[
			'cells that begin from each other',
			{ schema: 1, cells: { a: { begin: 'b' }, b: { begin: 'a', beta: 2 } } },
			'grid-begin',
			'a from b from a',
		],
		[
			'a comparison with no cell',
			{ schema: 1, cells: { a: {}, b: { beta: 2 } }, compare: [['a', 'c']] },
			'grid-invalid',
			'compare, pair 1',
		],
	])('is refused by place: %s', (_name, given, code, message) => {
		const refused = refusal(given);
		expect(refused.code).toBe(code);
		expect(refused.message).toContain(message);
		expect(refused.hint).not.toBe('');
	});
});

describe('shared work', () => {
	const sharesOf = (given: string | object) =>
		planSharing(runsOf(given)).map(({ run, shares }) => [run.key, shares] as const);

	test('of objectives is all data and the base’s scores', () => {
		const first = 'apo_zero.seed1';
		expect(sharesOf('objective: apo_zero, dpo; seed: 1')[1]?.[1]).toEqual({
			outputs: first,
			revisions: first,
			'held-out before': first,
		});
	});

	test('of seeds is the base’s scores alone', () => {
		expect(sharesOf('seed: 1, 2')[1]?.[1]).toEqual({ 'held-out before': 'base.seed1' });
	});

	test('comes from the run that made more answers', () => {
		const [, judged, stronger] = sharesOf('data: clair, on_policy_judge, stronger_preferred; seed: 1');
		expect(judged?.[1]).toMatchObject({ outputs: 'clair.seed1' });
		expect(stronger?.[1]).toMatchObject({ outputs: 'on_policy_judge.seed1' });
	});

	test('excludes judgements by another judge, and replies about other answers', () => {
		const [, noisy] = sharesOf({
			schema: 1,
			base: { pairs: { method: 'on_policy_judge' } },
			vary: { noise: [0, 1] },
		});
		expect(Object.keys(noisy?.[1] ?? {})).toEqual(['outputs', 'held-out before']);
		const [, warm] = sharesOf('sampling.temperature: 0.5, 1');
		expect(Object.keys(warm?.[1] ?? {})).toEqual(['held-out before']);
	});

	test('of a cell that begins from an adapter is with cells of the same adapter', () => {
		const grid = {
			schema: 1,
			cells: { a: {}, b: { begin: 'a', objective: 'dpo' }, c: { begin: 'a', objective: 'sft' } },
			vary: { seed: [1] },
		};
		const [, b, c] = sharesOf(grid);
		expect(b?.[1]).toEqual({});
		expect(c?.[1]).toEqual({ outputs: 'b.seed1', revisions: 'b.seed1', 'held-out before': 'b.seed1' });
	});
});

test('the grid of the lab has five seeds of eighteen cells', () => {
	const grid = readGridFile('lab.json', readFileSync('docs/grids/lab.json'));
	expect(gridCells(grid)).toHaveLength(18);
	expect(gridRuns(grid)).toHaveLength(90);
});

test.each([
	['{ "schema": 1,', 'grid-file-not-json'],
	['', 'grid-file-not-json'],
	['['.repeat(100), 'json-too-deep'],
	['1', 'grid-invalid'],
])('the file %j is refused', (text, code) => {
	expect(() => readGridFile('my.json', new TextEncoder().encode(text))).toThrow(
		expect.objectContaining({ code }),
	);
});
