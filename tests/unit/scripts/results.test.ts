/** The results of the preference lab: documents that the script writes, and their agreement with the file of results. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { gridCells } from '#core/grid/cells.ts';
import { readGridFile } from '#core/grid/file.ts';
import { between, markdownTable } from '../../../scripts/markdown-table.ts';
import { resultFiles } from '../../../scripts/results.ts';
import { resultsDocument } from '../../../scripts/results/document.ts';
import { cellOf, type LabResults } from '../../../scripts/results/labResults.ts';

const read = (path: string): string => readFileSync(path, 'utf8');
const results = JSON.parse(read('docs/grids/lab.results.json')) as LabResults;

test.each(Object.entries(resultFiles()))('%s is as scripts/results.ts writes it', (path, text) => {
	expect(text, 'run node scripts/results.ts').toBe(read(path));
});

test('the results have the cells and the comparisons of docs/grids/lab.json', () => {
	const grid = readGridFile('lab.json', readFileSync('docs/grids/lab.json'));
	const names = results.cells.map(({ name }) => name);
	expect(names).toEqual(gridCells(grid).flatMap(({ name }) => (names.includes(name) ? [name] : [])));
	const both = grid.compare.filter((pair) => pair.every((name) => names.includes(name)));
	expect(results.comparisons.map(({ a, b }) => [a, b])).toEqual(both);
	for (const { runs } of results.cells)
		expect(runs.map(({ seed }) => seed)).toEqual(results.seeds.slice(0, runs.length));
});

test('a mean over seeds is the mean of the runs', () => {
	for (const { runs, greedy, name } of results.cells) {
		const mean = runs.reduce((sum, run) => sum + run.greedy.after.score, 0) / runs.length;
		expect(greedy.after.score, name).toBeCloseTo(mean, 4);
		expect(greedy.change.score, name).toBeCloseTo(greedy.after.score - greedy.before, 4);
	}
});

describe('the document', () => {
	/** The results with another change of a cell. */
	function withChange(name: string, low: number, high: number): LabResults {
		const cells = results.cells.map((cell) =>
			cell.name === name
				? { ...cell, greedy: { ...cell.greedy, change: { score: (low + high) / 2, low, high } } }
				: cell,
		);
		return { ...results, cells };
	}
	const answer = (text: string): string => /### 4\.[^]*?\*\*(It [^*]*)\*\*/.exec(text)?.[1] ?? '';

	test('says that a statement holds only if its interval excludes 0', () => {
		const name = 'worse winners apo_zero';
		expect(answer(resultsDocument(withChange(name, -0.2, -0.01)))).toBe('It holds.');
		expect(answer(resultsDocument(withChange(name, -0.2, 0.01)))).toBe('It does not hold.');
		expect(answer(resultsDocument(withChange(name, 0.1, 0.2)))).toBe('It does not hold.');
	});

	test('names every broken run', () => {
		const text = resultsDocument(results);
		for (const { runs } of results.cells)
			for (const { marks } of runs) for (const mark of marks) expect(text).toContain(mark);
	});

	test('a cell that the file lacks is an error that names it', () => {
		expect(() => cellOf(results, 'nothing')).toThrow('The results have no cell “nothing”.');
	});
});

test('a table is padded to its widest cells', () => {
	expect(markdownTable(['a', 'bcde'], [['wide', '1']])).toBe(
		'| a    | bcde |\n| ---- | ---- |\n| wide | 1    |',
	);
});

test('text goes between two marks, and a text without them is an error', () => {
	expect(between('x [ old ] y', ['[', ']'], 'new')).toBe('x [\n\nnew\n\n] y');
	expect(() => between('x ]', ['[', ']'], 'new')).toThrow('lacks the marks “[” and “]”');
});
