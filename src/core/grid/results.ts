/** The results of a grid: each cell over its seeds, and cells against each other on the same prompts and seeds. */
import type { Estimate } from '../evaluation/evaluation.ts';
import type { Cell } from './cell.ts';
import { compareScores, isTie, withVerdicts, type ScoreComparison, type Verdict } from './comparison.ts';
import { type CellResult, measuredCell, type MeasuredCell, overSeeds } from './measuredCell.ts';
import type { RunOutcome } from './outcome.ts';

/** The greedy change of two cells on the prompts and seeds of both. */
export interface CellComparison extends ScoreComparison, Verdict {
	readonly a: string;
	readonly b: string;
	/** Share of credit on edited tokens, a − b, with its interval over seeds; null if it was not measured. */
	readonly editedCredit: Estimate | null;
}

export interface GridResults {
	/** In the order of the grid. */
	readonly cells: readonly CellResult[];
	/** The pairs that the grid names, or all of them; empty if there are too many. */
	readonly comparisons: readonly CellComparison[];
	/** True if the grid named the pairs before its runs. */
	readonly planned: boolean;
}

/** Cells up to which all pairs are compared. */
const MOST_COMPARED = 40;

/** @param compare names of the pairs of interest; all pairs if it is empty */
export function gridResults(
	cells: readonly Pick<Cell, 'name'>[],
	outcomes: readonly RunOutcome[],
	compare: readonly (readonly [string, string])[] = [],
): GridResults {
	const measured = cells.map(({ name }) => measuredCell(name, outcomes));
	const done = measured.filter(({ seeds }) => seeds.length > 0);
	const named = compare.flatMap(([a, b]) => {
		const sides = [a, b].map((name) => done.find((cell) => cell.name === name));
		return sides[0] === undefined || sides[1] === undefined ? [] : [[sides[0], sides[1]] as const];
	});
	const pairs = compare.length > 0 ? named : done.length <= MOST_COMPARED ? allPairs(done) : [];
	const ranks = ranksOf(done);
	return {
		cells: measured.map((cell) => cell.result(ranks.get(cell.name) ?? null)),
		comparisons: withVerdicts(pairs.map(([a, b]) => comparison(a, b))),
		planned: compare.length > 0,
	};
}

function allPairs<T>(items: readonly T[]): (readonly [T, T])[] {
	return items.flatMap((a, i) => items.slice(i + 1).map((b) => [a, b] as const));
}

/** Each cell against the one with the largest change, which is not the best if others share it; a cell without a seed of the best one has no rank. */
function ranksOf(cells: readonly MeasuredCell[]): ReadonlyMap<string, CellResult['rank']> {
	const [best, ...others] = cells.toSorted((a, b) => b.change.whole.mean - a.change.whole.mean);
	if (best === undefined) return new Map();
	const compared = withVerdicts(others.map((cell) => comparison(best, cell)));
	return new Map<string, CellResult['rank']>([
		[best.name, isTie(cells.map(({ change }) => change.whole.mean)) ? 'equal' : 'best'],
		...compared
			.filter(({ seeds }) => seeds > 0)
			.map(({ b, verdict }) => [b, verdict === 'equal' ? 'equal' : 'below'] as const),
	]);
}

function comparison(a: MeasuredCell, b: MeasuredCell): Omit<CellComparison, keyof Verdict> {
	return {
		a: a.name,
		b: b.name,
		...compareScores(a.change, b.change),
		editedCredit: creditDifference(a, b),
	};
}

function creditDifference(a: MeasuredCell, b: MeasuredCell): Estimate | null {
	const differences = a.figures.flatMap(({ seed, figures }) => {
		const other = b.figures.find((one) => one.seed === seed)?.figures.credit;
		return figures.credit && other ? [figures.credit.editedCredit - other.editedCredit] : [];
	});
	return differences.length === 0 ? null : overSeeds(differences);
}
