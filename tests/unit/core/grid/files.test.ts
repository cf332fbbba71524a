import { expect, test } from 'vitest';
import { gridCells } from '#core/grid/cells.ts';
import { gridCsv } from '#core/grid/csv.ts';
import { remainingSeconds, secondsLeft } from '#core/grid/estimate.ts';
import { readGrid } from '#core/grid/grid.ts';
import { brokenMarks } from '#core/grid/marks.ts';
import type { RunFigures, RunOutcome } from '#core/grid/outcome.ts';
import { gridReport } from '#core/grid/report/report.ts';
import { RESULT_FILES } from '#core/grid/resultFiles.ts';
import { gridResults } from '#core/grid/results.ts';
import { gridRuns, planSharing } from '#core/grid/runs.ts';
import { gridAxes } from '#core/grid/table/axes.ts';
import type { GridTable } from '#core/grid/table/table.ts';
import { readCsv } from '#core/format/csv.ts';
import { measuredGrid } from '#tests/support/gridOutcomes.ts';

const NAME = '=<b>"a", b</b>';
const grid = readGrid({
	schema: 1,
	name: 'A & B',
	cells: { [NAME]: {}, down: { objective: 'apo_down' } },
	vary: { seed: [1, 2] },
});
const runs = gridRuns(grid);
const planned = planSharing(runs);

function figures(score: number): RunFigures {
	const estimate = { score, low: score - 0.1, high: score + 0.1, n: 2 };
	const mode = {
		before: estimate,
		after: estimate,
		difference: estimate,
		prompts: ['a', 'b'],
		beforeScores: [0.1, 0.2],
		afterScores: [score, score + 0.1],
	};
	return {
		greedy: mode,
		sampled: mode,
		families: [{ family: 'sums', before: 0, after: score, difference: estimate }],
		course: [
			{ step: 0, score: 0.1 },
			{ step: 100, score },
		],
		pairs: { kept: 7, leftOut: { unchanged: 3 }, chosenScore: 1, rejectedScore: 0.4 },
		judge: null,
		credit: null,
		rewards: { chosen: 1, rejected: -2, margins: 3, accuracies: 1, chosenLogRatio: 1, rejectedLogRatio: -2 },
		drift: null,
		marks: ['9% of its answers are empty (0% before)'],
		steps: 100,
		seconds: { sampling: 40, 'evaluating-before': 20, training: 60, 'evaluating-after': 20 },
		wallSeconds: 150,
		reused: [],
	};
}

const outcomes: RunOutcome[] = runs.map(({ key, cell, seed, identity }, i) =>
	i === 3
		? {
				key,
				cell,
				seed,
				identity,
				figures: null,
				error: { code: 'x', message: 'No, "why"', hint: '' },
				madeWith: null,
			}
		: { key, cell, seed, identity, figures: figures(0.3 * (i + 1)), error: null, madeWith: null },
);

test('the CSV has a row per run, failed ones too, and no formulas of a spreadsheet', () => {
	const [head = [], ...rows] = readCsv(gridCsv(outcomes), ',').map(({ cells }) => cells);
	const value = (row: readonly string[] | undefined, name: string) => row?.[head.indexOf(name)];
	expect(rows).toHaveLength(4);
	expect(value(rows[0], 'cell')).toBe(`'${NAME}`);
	expect(value(rows[1], 'greedy_after')).toBe('0.6');
	expect(value(rows[1], 'left_out')).toBe('{"unchanged":3}');
	expect(value(rows[1], 'change_sums')).toBe('0.6');
	expect(value(rows[3], 'error')).toBe('No, "why"');
	expect(value(rows[3], 'greedy_after')).toBe('');
});

test('the CSV has a column for each setting that differs', () => {
	const cells = gridCells(grid);
	const [head = [], ...rows] = readCsv(gridCsv(outcomes, gridAxes(grid, cells)), ',').map((row) => row.cells);
	expect(head.slice(0, 3)).toEqual(['cell', 'seed', 'objective']);
	expect(rows.map((row) => row[2])).toEqual(['apo_zero', 'apo_down', 'apo_zero', 'apo_down']);
});

test('every file of the results is written while runs are missing', () => {
	const measured = { grid, cells: gridCells(grid), runs, outcomes: outcomes.slice(0, 3) };
	const files = Object.entries(RESULT_FILES).map(
		([name, textOf]) => [name, textOf(measured).length] as const,
	);
	expect(files.filter(([, length]) => length === 0)).toEqual([]);
	const json = JSON.parse(RESULT_FILES['results.json'](measured)) as object;
	expect(Object.keys(json)).toEqual([
		'schema',
		'name',
		'grid',
		'cells',
		'results',
		'table',
		'effects',
		'runs',
	]);
	expect(RESULT_FILES['results.csv'](measured)).toMatch(/^"?cell"?,"?seed"?,"?objective"?/);
});

test('table and curves have the axes that the user chose', () => {
	const vary = { objective: ['apo_zero', 'dpo'], beta: [0.1, 1], rank: [2, 4], seed: [1] };
	const wide = measuredGrid({ vary }, (cell) => (cell.includes('dpo') ? 0.1 : 0.2));
	const axes = { rows: 'lora.rank', columns: 'objective.beta' };
	const caption = 'Each place is a mean over objective.';
	for (const name of ['table.md', 'table.tex', 'report.html'] as const) {
		expect(RESULT_FILES[name](wide)).not.toContain(caption);
		expect(RESULT_FILES[name](wide, axes)).toContain(caption);
	}
	expect(RESULT_FILES['table.md'](wide, axes)).toContain('| rank \\\\ β | 0.1 | 1 |');
	expect(RESULT_FILES['table.tex'](wide, axes)).toContain('{}rank & 0.1 & 1');
	const { table } = JSON.parse(RESULT_FILES['results.json'](wide, axes)) as { table: GridTable };
	expect(table).toMatchObject({ rowTitle: 'rank', columnTitle: 'β', averaged: ['objective'] });
});

test('the tables of the report name cells as the page does, without columns that have no value', () => {
	const measured = measuredGrid(
		{ vary: { objective: ['apo_zero', 'dpo'], beta: [0.1, 1], seed: [1, 2] } },
		(_, seed) => (seed === 2 ? 'failed' : 0.2),
	);
	const html = RESULT_FILES['report.html'](measured);
	const [tables] = html.split('<h2>Settings</h2>');
	expect(tables).toContain('<th scope="row">APO-zero, β 0.1</th>');
	expect(tables).not.toContain('apo_zero');
	expect(tables).not.toContain('judge right');
	expect(tables).toContain('<td colspan="5">failed: The loss is not a number.</td>');
});

test('the report names device and versions, and how many runs they made', () => {
	const cells = gridCells(grid);
	const device = { description: 'A <GPU>', backend: 'webgpu' };
	const made = outcomes.map((outcome, i) =>
		i < 2 ? { ...outcome, madeWith: { device, versions: { anchorage: '0.1.0' } } as never } : outcome,
	);
	const html = gridReport({ grid, cells, runs, outcomes: made, results: gridResults(cells, made) });
	expect(html).toContain('2 runs made on A &lt;GPU&gt; (webgpu) with anchorage 0.1.0');
});

test('the report escapes names, has its figures as vectors, and loads nothing', () => {
	const cells = gridCells(grid);
	const html = gridReport({ grid, cells, runs, outcomes, results: gridResults(cells, outcomes) });
	expect(html).toContain('<h1>A &amp; B</h1>');
	expect(html).not.toContain('<b>');
	expect(html).toContain('=&lt;b&gt;&quot;a&quot;, b&lt;/b&gt;');
	expect(html.match(/<svg /g)).toHaveLength(4);
	expect(html).not.toMatch(/<script|<link|src=|url\(|@import/);
	expect(html).toContain('3 of 4 runs are done. The grid is not finished.');
	expect(html).toContain('down, seed 2: No, &quot;why&quot;');
	expect(html).not.toContain('NaN');
});

test('a report before the first run has the settings alone', () => {
	const cells = gridCells(grid);
	const html = gridReport({ grid, cells, runs, outcomes: [], results: gridResults(cells, []) });
	expect(html).toContain('0 of 4 runs are done');
	expect(html).not.toContain('NaN');
});

test('the time left follows the pace of the runs that are done, without shared work', () => {
	expect(secondsLeft(planned, planned, [])).toBeNull();
	// The first run took 10 s beside its phases. The second shares everything but training and its own scores.
	const [, second, third] = planned;
	expect(secondsLeft([second!], planned, [outcomes[0]!])).toBeCloseTo(60 + 20 + 10, 9);
	// Another seed shares the base's scores. Revisions were not timed.
	expect(secondsLeft([third!], planned, [outcomes[0]!])).toBeCloseTo(40 + 60 + 20 + 10, 9);
});

test('before a run has finished, the time left follows the timed steps of the runs at work', () => {
	const [first, second] = planned;
	const steps = first!.run.recipe.training.steps;
	const waiting = { planned: second!, at: 'idle' as const, step: 0, seconds: {} };
	const training = (step: number) => ({
		...{ planned: first!, at: 'training' as const, step },
		seconds: { loading: 99, sampling: 5, revising: 5, 'evaluating-before': 20, training: 30 },
	});
	expect(remainingSeconds([training(0), waiting], planned, [])).toBeNull();
	expect(remainingSeconds([training(1), waiting], planned, [])).toBeNull();
	// Half of the training took 30 s: 30 s are left of it, and the second run trains for 60 s; each ends with 20 s of scores.
	expect(remainingSeconds([training(steps / 2), waiting], planned, [])).toBeCloseTo(30 + 60 + 2 * 20, 9);
	expect(remainingSeconds([waiting], planned, [outcomes[0]!])).toBeCloseTo(60 + 20 + 10, 9);
	expect(remainingSeconds([], planned, [])).toBe(0);
});

const answers = (...texts: string[]) => ({ answers: texts.map((text) => ({ text })) }) as never;

test.each([
	['nothing odd', { before: answers('a b c'), after: answers('a b d') }, []],
	[
		'empty answers',
		{ before: answers('a', 'b'), after: answers('', 'b') },
		['50% of its answers are empty (0% before)'],
	],
	[
		'loops',
		{ before: answers('a'), after: answers('no no no no') },
		['100% of its answers repeat themselves (0% before)'],
	],
	['loops that were there before', { before: answers('no no no'), after: answers('no no no') }, []],
	['a fall', { chosenLogRatio: -11 }, ['the chosen answers became 1.1 nats per token less likely']],
	['a fall of long answers', { chosenLogRatio: -11, answerTokens: 100 }, []],
	['no numbers', { chosenLogRatio: NaN }, ['its rewards are not numbers']],
])('marks of a broken model: %s', (_name, run, expected) => {
	const whole = { before: answers('a'), after: answers('a'), chosenLogRatio: 0, answerTokens: 10, ...run };
	expect(brokenMarks(whole)).toEqual(expected);
});
