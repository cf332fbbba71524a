/** The part of the results that lessons on the page name, by cell and by pair of cells. */
import { brokenRuns, over, type Interval, type LabCell, type LabResults } from './labResults.ts';

/** JSON with one cell and one comparison per line. */
export function forLessons(results: LabResults): string {
	const cells = results.cells.map((cell) => [cell.name, cellFigures(cell)] as const);
	const differences = results.comparisons.map(
		({ a, b, difference, seeds }) => [`${a} − ${b}`, { ...rounded(difference), seeds }] as const,
	);
	return `{\n\t"cells": ${lines(cells)},\n\t"differences": ${lines(differences)}\n}\n`;
}

function lines(entries: readonly (readonly [string, unknown])[]): string {
	const rows = entries.map(([name, value]) => `\t\t${JSON.stringify(name)}: ${JSON.stringify(value)}`);
	return `{\n${rows.join(',\n')}\n\t}`;
}

function cellFigures(cell: LabCell) {
	const { greedy, sampled, runs } = cell;
	const judges = runs.flatMap(({ judge }) => judge ?? []);
	const share = (part: number, whole: number): number | null => (whole === 0 ? null : digits(part / whole));
	const sum = (of: (judge: (typeof judges)[number]) => number): number =>
		judges.reduce((total, judge) => total + of(judge), 0);
	return {
		before: digits(greedy.before),
		after: rounded(greedy.after),
		change: rounded(greedy.change),
		sampledChange: rounded(sampled.change),
		/** Greedy after training, by seed. */
		scores: runs.map((run) => digits(run.greedy.after.score)),
		broken: brokenRuns(cell).length,
		repeats: digits(over(cell, ({ answers }) => answers.after.repeats)),
		words: digits(over(cell, ({ answers }) => answers.after.words)),
		editedCredit: digits(over(cell, ({ credit }) => credit?.edited ?? NaN)),
		editedTokens: digits(over(cell, ({ credit }) => credit?.tokens ?? NaN)),
		judgeRight: share(
			sum(({ right }) => right),
			sum(({ decided }) => decided),
		),
		judgeLonger: share(
			sum(({ longer }) => longer),
			sum(({ unequal }) => unequal),
		),
	};
}

const rounded = ({ score, low, high }: Interval) => ({
	score: digits(score),
	low: digits(low),
	high: digits(high),
});

const digits = (value: number): number => Number(value.toFixed(4));
