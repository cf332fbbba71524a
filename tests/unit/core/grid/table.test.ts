import { describe, expect, test } from 'vitest';
import { gridAxes, standardAxes } from '#core/grid/table/axes.ts';
import { tableLatex } from '#core/grid/table/latex.ts';
import { latexText } from '#core/grid/table/latexText.ts';
import { tableMarkdown } from '#core/grid/table/markdown.ts';
import { gridTable } from '#core/grid/table/table.ts';
import { overText, tableCaption, unevenText } from '#core/grid/table/words.ts';
import { measuredGrid } from '#tests/support/gridOutcomes.ts';

const PAPER = {
	vary: { objective: ['apo_zero', 'dpo'], 'pairs.method': ['clair', 'stronger_preferred'], seed: '1..3' },
};
/** Changes that differ by seed and prompt as little as an equal cell would. */
const noise = (seed: number, sign: number) => [0.01, -0.01, 0.02, -0.02].map((value) => sign * value * seed);
const around = (change: number, seed: number, sign = 1) => noise(seed, sign).map((value) => change + value);

/** apo_zero on CLAIR is best, and DPO on CLAIR does not clearly differ from it. */
const CHANGES: Readonly<Record<string, number>> = {
	'apo_zero, clair': 0.5,
	'apo_zero, stronger_preferred': 0.2,
	'dpo, clair': 0.5,
	'dpo, stronger_preferred': 0.1,
};
const paper = measuredGrid(PAPER, (cell, seed) =>
	around(CHANGES[cell] ?? 0, seed, cell.startsWith('dpo') ? -1 : 1),
);

describe('the axes of a table', () => {
	test('are data methods by objectives, in the words of the field', () => {
		const axes = gridAxes(paper.grid, paper.cells);
		expect(axes.map(({ title, values }) => [title, values.map(({ label }) => label)])).toEqual([
			['objective', ['APO-zero', 'DPO']],
			['data method', ['CLAIR', 'stronger preferred']],
		]);
		expect(standardAxes(axes)).toEqual({ rows: 'pairs.method', columns: 'objective' });
	});

	test('are named cells where these tell more than their settings', () => {
		const named = measuredGrid(
			{
				cells: {
					zero: { objective: 'apo_zero' },
					slow: { objective: 'apo_zero', lr: 0.001 },
					dpo: { objective: 'dpo' },
				},
				vary: { data: ['clair', 'stronger_preferred'], seed: [1] },
			},
			() => 0.1,
		);
		const axes = gridAxes(named.grid, named.cells);
		expect(axes.map(({ id }) => id)).toEqual(['cell', 'objective', 'pairs.method', 'optimiser.learningRate']);
		expect(standardAxes(axes)).toEqual({ rows: 'pairs.method', columns: 'cell' });
		expect(gridTable(named).columns).toEqual(['zero', 'slow', 'dpo']);
	});

	test('of named cells alone are one column', () => {
		const named = measuredGrid(
			{ cells: { a: { beta: 1 }, b: { beta: 2, rank: 4 } }, vary: { seed: [1] } },
			() => 0.1,
		);
		expect(gridTable(named)).toMatchObject({ rowTitle: 'cell', columnTitle: null, columns: ['change'] });
	});

	test('of a grid that varies only its seeds are the grid itself', () => {
		const seeds = measuredGrid({ name: 'Seeds', vary: { seed: '1..2' } }, (_cell, seed) => seed / 10);
		const { rows } = gridTable(seeds);
		expect(rows).toHaveLength(1);
		expect(rows[0]?.label).toBe('Seeds');
		expect(rows[0]?.entries[0]?.change?.score).toBeCloseTo(0.15, 12);
	});
});

describe('the table', () => {
	const table = gridTable(paper);
	const entries = table.rows.map(({ entries: row }) => row);

	test('has the mean over seeds and prompts at each place', () => {
		expect(table.rows.map(({ label }) => label)).toEqual(['CLAIR', 'stronger preferred']);
		expect(table.columns).toEqual(['APO-zero', 'DPO']);
		const scores = entries.map((row) => row.map(({ change }) => Number(change?.score.toFixed(9))));
		expect(scores).toEqual([
			[0.5, 0.5],
			[0.2, 0.1],
		]);
		expect(table.before).toBeCloseTo(0.25, 12);
		expect(table.prompts).toBe(4);
	});

	test('marks the best place and those that do not clearly differ from it', () => {
		const clear = gridTable(
			measuredGrid(PAPER, (cell) => (cell === Object.keys(CHANGES)[0] ? 0.6 : (CHANGES[cell] ?? 0))),
		);
		const ranks = clear.rows.flatMap((row) => row.entries.map(({ rank }) => rank));
		expect(ranks.filter((rank) => rank === 'best')).toHaveLength(1);
		expect(tableCaption(clear)).toContain('Bold: the largest change.');
	});

	test('has no best place if several share the largest change', () => {
		const ranks = entries.flat().map(({ rank }) => rank);
		expect(ranks).toEqual(['equal', 'equal', 'below', 'below']);
		expect(tableCaption(table)).toContain('so that none is the best');
		expect(tableCaption(table)).not.toContain('Bold');
		expect(entries[0]?.[0]?.equals).toEqual(['0:1']);
		expect(entries[1]?.[1]?.equals).toEqual([]);
		expect(tableCaption(table)).toContain('Holm’s correction for 3 comparisons');
	});

	test('with one seed has no interval over seeds, and says so', () => {
		const one = measuredGrid({ vary: { objective: ['apo_zero', 'dpo'], seed: [1] } }, () => 0.1);
		expect(tableCaption(gridTable(one))).toContain('one seed: no interval over seeds');
		expect(tableCaption(table)).not.toContain('one seed');
	});

	test('says if its places are means over different values', () => {
		const rates = measuredGrid(
			{
				cells: {
					zero: { objective: 'apo_zero' },
					dpo: { objective: 'dpo' },
					slow: { objective: 'dpo', learningRate: 0.001 },
				},
				vary: { data: ['clair', 'stronger_preferred'], seed: [1, 2] },
			},
			() => 0.2,
		);
		const byRate = gridTable(rates, { rows: 'pairs.method', columns: 'optimiser.learningRate' });
		expect(byRate).toMatchObject({ averaged: ['objective'], uneven: true });
		expect(byRate.rows[0]?.entries.map(overText)).toEqual(['mean of APO-zero and DPO', 'only DPO']);
		const caution =
			'The places are means over different values of objective, so a difference between two of them is not the effect of data method and learning rate alone.';
		expect(unevenText(byRate)).toBe(caution);
		for (const text of [tableMarkdown(byRate), tableLatex(byRate)]) {
			expect(text).toContain(caution);
			expect(text).toContain('mean of APO-zero and DPO');
		}
		expect(unevenText(gridTable(rates))).toBe('');
	});

	test('is a mean over settings beside its two axes, and says so', () => {
		const three = measuredGrid(
			{
				vary: {
					objective: ['apo_zero', 'dpo'],
					beta: [0.1, 1],
					data: ['clair', 'stronger_preferred'],
					seed: [1, 2],
				},
			},
			(cell) => (cell.includes('beta 0.1') ? 0.1 : 0.3) + (cell.startsWith('dpo') ? 0.4 : 0),
		);
		const wide = gridTable(three);
		expect(wide).toMatchObject({ averaged: ['β'], uneven: false });
		expect(wide.rows.flatMap(({ entries: row }) => row.map(overText))).toEqual(
			Array.from({ length: 4 }, () => 'mean of β 0.1 and 1'),
		);
		expect(tableCaption(wide)).toContain('Each place is a mean over β.');
		const whole = gridTable(three, { rows: 'objective', columns: null });
		expect(whole.rows.map(({ entries: row }) => row.map(overText))).toEqual([
			['mean of β 0.1 and 1, CLAIR and stronger preferred'],
			['mean of β 0.1 and 1, CLAIR and stronger preferred'],
		]);
		expect(
			wide.rows[0]?.entries.map(({ cells, change }) => [cells.length, change?.score.toFixed(6)]),
		).toEqual([
			[2, '0.200000'],
			[2, '0.600000'],
		]);
		const other = gridTable(three, { rows: 'objective.beta', columns: 'objective' });
		expect(other.averaged).toEqual(['data method']);
		expect(other.rows.map(({ label, entries: row }) => [label, row[0]?.change?.score.toFixed(6)])).toEqual([
			['0.1', '0.100000'],
			['1', '0.300000'],
		]);
	});

	test('of an unfinished grid has places without a result, and the runs so far', () => {
		const part = measuredGrid(PAPER, (cell, seed) => {
			if (seed === 3 || cell === 'dpo, clair') return null;
			return cell === 'apo_zero, stronger_preferred' && seed === 2 ? 'failed' : 0.2;
		});
		const [first, second] = gridTable(part).rows.map(({ entries: row }) => row);
		expect(first?.[0]).toMatchObject({ seeds: [1, 2], runs: { done: 2, failed: 0, planned: 3 } });
		expect(first?.[1]).toMatchObject({ seeds: [], change: null, rank: null, equals: [], runs: { done: 0 } });
		expect(second?.[0]).toMatchObject({ seeds: [1], runs: { done: 1, failed: 1, planned: 3 } });
		expect(tableMarkdown(gridTable(part))).not.toContain('NaN');
	});

	test('has no score before training if the cells begin from different models', () => {
		const tuned = measuredGrid(
			{ cells: { first: {}, again: { begin: 'first', objective: 'dpo' } }, vary: { seed: [1] } },
			() => 0.1,
		);
		const outcomes = tuned.outcomes.map((one) => {
			if (one.figures === null || one.cell === 'first') return one;
			const greedy = { ...one.figures.greedy, beforeScores: [0.9, 0.9, 0.9, 0.9] };
			return { ...one, figures: { ...one.figures, greedy } };
		});
		expect(gridTable({ ...tuned, outcomes }).before).toBeNull();
	});
});

describe('as text', () => {
	const exact = measuredGrid(PAPER, (cell) =>
		cell === Object.keys(CHANGES)[0] ? 0.6 : (CHANGES[cell] ?? 0),
	);

	test('in Markdown', () => {
		expect(tableMarkdown(gridTable(exact)).split('\n').slice(0, 4)).toEqual([
			'| data method \\\\ objective | APO-zero | DPO |',
			'| :-- | --: | --: |',
			'| CLAIR | **+0.600** (+0.600 to +0.600) | +0.500 (+0.500 to +0.500) |',
			'| stronger preferred | +0.200 (+0.200 to +0.200) | +0.100 (+0.100 to +0.100) |',
		]);
	});

	test('in LaTeX with booktabs', () => {
		const lines = tableLatex(gridTable(exact)).split('\n');
		expect(lines).toContain('\\begin{tabular}{lrr}');
		expect(lines).toContain(' & \\multicolumn{2}{c}{objective} \\\\');
		expect(lines).toContain('\\cmidrule(lr){2-3}');
		expect(lines).toContain('{}data method & APO-zero & DPO \\\\');
		expect(lines).toContain('{}CLAIR & \\textbf{+0.600} & +0.500 \\\\');
		expect(lines).toContain('{} & {\\scriptsize +0.600 to +0.600} & {\\scriptsize +0.500 to +0.500} \\\\');
		const opened = lines.filter((line) => line.startsWith('\\begin')).length;
		expect(lines.filter((line) => line.startsWith('\\end'))).toHaveLength(opened);
	});

	test('names are text, not markup', () => {
		const named = measuredGrid(
			{ cells: { 'a|b_c*<i>': {}, '50% & $x$ {y}': { beta: 2 } }, vary: { seed: [1] } },
			() => 0.1,
		);
		const markdown = tableMarkdown(gridTable(named));
		expect(markdown).toContain('| a\\|b\\_c\\*&lt;i&gt; |');
		expect(tableLatex(gridTable(named))).toContain('{}50\\% \\& \\$x\\$ \\{y\\} &');
		expect(latexText('−0.1 β≈漢 ~^\\')).toBe(
			'$-$0.1 $\\beta$$\\approx$(U+6F22) \\textasciitilde{}\\textasciicircum{}\\textbackslash{}',
		);
		// "ą" and "ħ" are not in LaTeX's default encoding.
		expect(latexText('η ± é ą ħ')).toBe('$\\eta$ $\\pm$ é (U+0105) (U+0127)');
	});
});
