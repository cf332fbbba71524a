/** The chapter of docs/results.md on the miniature of the paper, each number of it from the recorded grid. */
import { gridCells } from '#core/grid/cells.ts';
import type { Cell } from '#core/grid/cell.ts';
import { gridResults, type CellComparison, type GridResults } from '#core/grid/results.ts';
import type { GridWithOutcomes } from '#core/grid/readResults.ts';
import { gridRuns } from '#core/grid/runs.ts';
import { markdownCells } from '#core/grid/table/markdown.ts';
import { gridTable } from '#core/grid/table/table.ts';
import { tableCaption } from '#core/grid/table/words.ts';
import { markdownTable } from '../markdown-table.ts';
import { changeText, pText } from './tables.ts';

const METHODS = ['clair', 'on_policy_judge', 'off_policy_judge', 'stronger_preferred'] as const;
const OBJECTIVES = ['SFT', 'DPO', 'KTO', 'APO-zero', 'APO-down'] as const;
const [CLAIR] = METHODS;
const ZERO = 'APO-zero';

const nameOf = (objective: string, method: string): string => `${objective}, ${method}`;

/** Objectives that have another learning rate of their own. */
function ownRates(cells: readonly Cell[]): readonly string[] {
	return OBJECTIVES.map((objective) => `${objective}, own rate`).filter((own) =>
		cells.some(({ name }) => name === nameOf(own, CLAIR)),
	);
}

export function paperChapter({ grid, outcomes }: GridWithOutcomes): string {
	const cells = gridCells(grid);
	const runs = gridRuns(grid);
	const measured = { grid, cells, runs, outcomes };
	const table = gridTable(measured);
	const [head = [], ...rows] = markdownCells(table);
	const named = gridResults(cells, outcomes, grid.compare);
	const done = outcomes.filter(({ figures }) => figures !== null);
	const hours = done.reduce((sum, { figures }) => sum + (figures?.wallSeconds ?? 0), 0) / 3600;
	return [
		'## The paper’s table in miniature',
		`[grids/paper.json](grids/paper.json), ${done.length === runs.length ? `all ${runs.length} runs` : `${done.length} of ${runs.length} runs`}: four data methods and five objectives with three seeds on the embedded model, and each objective also at a learning rate of its own. The rule for these rates and the comparisons were written down before the runs ([grids](grids/README.md)). Made with \`npm run ablate\` on the processor (wasm, no GPU) in ${hours.toFixed(1)} hours; the page opens it from its Shelf. Change of the greedy held-out score:`,
		markdownTable(head, rows),
		tableCaption(table),
		'The comparisons that the grid named:',
		namedTable(named),
		'### Cell by cell',
		'The paper’s statements are that CLAIR’s pairs train the best model under every objective, and that APO does better than objectives that control training less. “Agrees” and “disagrees” mean that the difference is clear after Holm’s correction among the comparisons of the table (p < 0.05); the intervals themselves are not corrected.',
		'At the default learning rate:',
		cellTable(cells, outcomes, OBJECTIVES),
		'The objectives whose own rate is another one, at that rate:',
		cellTable(cells, outcomes, ownRates(cells)),
		...reasons(cells, outcomes),
	].join('\n\n');
}

function namedTable({ comparisons }: GridResults): string {
	return markdownTable(
		['greedy score', 'seeds', 'difference (95% interval)', 'p after Holm'],
		comparisons.map(({ a, b, seeds, difference, corrected }) => [
			...[`${a} − ${b}`, String(seeds), changeText(difference), pText(corrected)],
		]),
	);
}

/** Every cell with its change, against CLAIR with the same objective, and against APO-zero on the same data. */
function cellTable(
	cells: readonly Cell[],
	outcomes: GridWithOutcomes['outcomes'],
	objectives: readonly string[],
): string {
	const zero = objectives.find((one) => one.startsWith(`${ZERO},`)) ?? ZERO;
	const pairs = objectives.flatMap((objective) =>
		METHODS.flatMap((method) => {
			const cell = nameOf(objective, method);
			const clair = method === CLAIR ? [] : [[nameOf(objective, CLAIR), cell] as const];
			return objective === zero ? clair : [...clair, [nameOf(zero, method), cell] as const];
		}),
	);
	const results = gridResults(cells, outcomes, pairs);
	const against = (a: string, b: string): string =>
		a === b ? '–' : verdictText(results.comparisons.find((one) => one.a === a && one.b === b));
	return markdownTable(
		['objective', 'data', 'change', 'broken', 'CLAIR’s pairs are better', 'APO-zero is better'],
		objectives.flatMap((objective) =>
			METHODS.map((method) => {
				const name = nameOf(objective, method);
				const change = results.cells.find((result) => result.cell === name)?.greedy?.change ?? null;
				return [
					...[objective, method, change === null ? '–' : changeText(change), brokenText(name, outcomes)],
					...[against(nameOf(objective, CLAIR), name), against(nameOf(zero, method), name)],
				];
			}),
		),
	);
}

function verdictText(comparison: CellComparison | undefined): string {
	if (comparison === undefined) return 'not measured';
	const { verdict, difference } = comparison;
	const word = { above: 'agrees', below: 'disagrees', equal: 'not told apart' }[verdict];
	return `${word}, ${changeText(difference)}`;
}

function brokenText(name: string, outcomes: GridWithOutcomes['outcomes']): string {
	const own = outcomes.flatMap(({ cell, figures }) => (cell === name && figures !== null ? [figures] : []));
	return `${own.filter(({ marks }) => marks.length > 0).length} of ${own.length}`;
}

/** Known reasons, each only if the results show what it explains. */
function reasons(cells: readonly Cell[], outcomes: GridWithOutcomes['outcomes']): string[] {
	const zero = nameOf(ZERO, CLAIR);
	const others = ['SFT', 'APO-down', 'DPO', 'DPO, own rate'].map((name) => nameOf(name, CLAIR));
	const pairs = [...others, nameOf(ZERO, 'stronger_preferred')].map((other) => [zero, other] as const);
	const { comparisons } = gridResults(cells, outcomes, pairs);
	const verdictOn = (objective: string, method: string = CLAIR) =>
		comparisons.find(({ b }) => b === nameOf(objective, method))?.verdict;
	const known = [
		verdictOn('SFT') === 'equal'
			? 'SFT is level with APO-zero on CLAIR’s pairs: the embedded reviser mends every flaw, so that its answers are perfect and imitating them is enough. The rejected answer says nothing that the chosen one does not.'
			: null,
		verdictOn('APO-down') === 'above'
			? 'APO-down pushes both answers down. It is for a model that is better than the winning answers; the embedded model is worse than them.'
			: null,
		verdictOn('DPO') === 'above' && verdictOn('DPO, own rate') === 'equal'
			? 'DPO falls behind at the default rate alone: its loss has no anchor, so that a high rate takes both answers down together. At a rate of its own it is level.'
			: null,
		verdictOn(ZERO, 'stronger_preferred') === 'above'
			? 'The stronger model answers in a manner of its own here. The pairs teach the manner beside what is right, and the model breaks; with answers in the model’s own manner the difference goes away (see “Stronger preferred, in two manners”).'
			: null,
	].filter((reason) => reason !== null);
	return known.length === 0
		? []
		: ['Reasons, as far as they are known:', known.map((one) => `- ${one}`).join('\n')];
}
