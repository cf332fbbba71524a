/** The tables of docs/results.md. */
import { fixed, percent, signed } from '#core/text/numbers.ts';
import { markdownTable } from '../markdown-table.ts';
import {
	brokenRuns,
	over,
	type CellMode,
	type Interval,
	type LabCell,
	type LabResults,
	type LabRun,
} from './labResults.ts';

const DIGITS = 3;

/** "+0.507 (+0.477 to +0.537)" */
export const changeText = ({ score, low, high }: Interval): string =>
	`${signed(score, DIGITS)} (${signed(low, DIGITS)} to ${signed(high, DIGITS)})`;

/** "0.890 (0.866–0.913)" */
export const scoreText = ({ score, low, high }: Interval): string =>
	`${fixed(score, DIGITS)} (${fixed(low)}–${fixed(high)})`;

/** "0.0301", or "< 0.0001" */
export const pText = (p: number): string => (p < 0.0001 ? '< 0.0001' : fixed(p, 4));

/** Pairs of cells that the grid compared, each with its paired difference. */
export function comparisonTable(
	results: LabResults,
	pairs: readonly (readonly [a: string, b: string])[],
): string {
	return markdownTable(
		['greedy score', 'seeds', 'difference (95% interval)', 'p after Holm'],
		pairs.flatMap(([a, b]) =>
			results.comparisons
				.filter((one) => one.a === a && one.b === b)
				.map(({ seeds, difference, p }) => [
					...[`${a} − ${b}`, String(seeds), changeText(difference), pText(p)],
				]),
		),
	);
}

/** A row per cell and a column per seed. */
export function seedTable(
	results: LabResults,
	names: readonly string[],
	title: string,
	of: (run: LabRun) => string,
): string {
	return markdownTable(
		[title, ...results.seeds.map((seed) => `seed ${seed}`)],
		results.cells
			.filter(({ name }) => names.includes(name))
			.map(({ name, runs }) => [
				name,
				...results.seeds.map((seed) => {
					const run = runs.find((one) => one.seed === seed);
					return run === undefined ? '–' : of(run);
				}),
			]),
	);
}

/** "0.890", marked if the run shows signs of a broken model. */
export function runScore(mode: 'greedy' | 'sampled'): (run: LabRun) => string {
	return (run) => `${fixed(run[mode].after.score, DIGITS)}${run.marks.length > 0 ? ' broken' : ''}`;
}

export const creditText = ({ credit }: LabRun): string =>
	credit === null ? '–' : `${percent(credit.edited)} / ${percent(credit.tokens)}`;

/** The pairs of the cells, means over the seeds. */
export function pairTable(results: LabResults): string {
	return markdownTable(
		['cell', 'seeds', 'pairs', 'winner / loser score', 'winner / loser words'],
		results.cells.map((cell) => [
			...[cell.name, String(cell.runs.length)],
			...[String(Math.round(over(cell, ({ pairs }) => pairs))), ...sidesOf(cell)],
		]),
	);
}

/** The cells after training, all or those of the names. */
export function scoreTable({ cells }: LabResults, names?: readonly string[]): string {
	return markdownTable(
		[
			...['cell', 'seeds', 'greedy before → after', 'change (95% interval)'],
			...['sampled before → after', 'change (95% interval)'],
			...['credit on edits / edited tokens', 'words', 'repeats', 'broken'],
		],
		cells
			.filter(({ name }) => names?.includes(name) !== false)
			.map((cell) => [
				...[cell.name, String(cell.runs.length), ...modeCells(cell.greedy), ...modeCells(cell.sampled)],
				...[creditOf(cell), ...answerCells(cell), brokenText(cell)],
			]),
	);
}

function sidesOf(cell: LabCell): readonly string[] {
	const score = (of: (run: LabRun) => number | null): string => fixed(over(cell, (run) => of(run) ?? NaN));
	const words = (of: (run: LabRun) => number): string => fixed(over(cell, of), 1);
	return [
		`${score(({ chosen }) => chosen.score)} / ${score(({ rejected }) => rejected.score)}`,
		`${words(({ chosen }) => chosen.words)} / ${words(({ rejected }) => rejected.words)}`,
	];
}

function modeCells({ before, after, change }: CellMode): readonly string[] {
	return [`${fixed(before, DIGITS)} → ${fixed(after.score, DIGITS)}`, changeText(change)];
}

function creditOf(cell: LabCell): string {
	const edited = over(cell, ({ credit }) => credit?.edited ?? NaN);
	const tokens = over(cell, ({ credit }) => credit?.tokens ?? NaN);
	return `${percent(edited)} / ${percent(tokens)}`;
}

function answerCells(cell: LabCell): readonly string[] {
	return [
		fixed(
			over(cell, ({ answers }) => answers.after.words),
			1,
		),
		percent(over(cell, ({ answers }) => answers.after.repeats)),
	];
}

/** "–", or "4 of 5". */
function brokenText(cell: LabCell): string {
	const broken = brokenRuns(cell).length;
	return broken === 0 ? '–' : `${broken} of ${cell.runs.length}`;
}
