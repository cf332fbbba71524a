/** The results of a grid: each cell over its seeds, and cells against each other on the same prompts and seeds. */
import type { Estimate } from '../evaluation/evaluation.ts';
import type { Cell } from './cell.ts';
import { type CellResult, MeasuredCell, overSeeds } from './measuredCell.ts';
import type { RunOutcome } from './outcome.ts';
import { common, intervalOf, standardError } from './resample.ts';
import { CLEAR_P, holm, twoSidedP } from './significance.ts';

/** Two cells on the prompts and seeds of both. */
export interface CellComparison {
	readonly a: string;
	readonly b: string;
	readonly seeds: number;
	/** Greedy change of a − that of b. */
	readonly difference: Estimate;
	readonly p: number;
	/** By Holm, among all comparisons of the list. */
	readonly corrected: number;
	/** Whether the difference is clear after the correction. */
	readonly verdict: 'above' | 'below' | 'equal';
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
	const measured = cells.map(({ name }) => new MeasuredCell(name, outcomes));
	const done = measured.filter(({ seeds }) => seeds.length > 0);
	const named = compare.flatMap(([a, b]) => {
		const sides = [a, b].map((name) => done.find((cell) => cell.name === name));
		return sides[0] === undefined || sides[1] === undefined ? [] : [[sides[0], sides[1]] as const];
	});
	const pairs = compare.length > 0 ? named : done.length <= MOST_COMPARED ? allPairs(done) : [];
	const ranks = ranksOf(done);
	return {
		cells: measured.map((cell) => cell.result(ranks.get(cell.name) ?? null)),
		comparisons: compareAll(pairs),
		planned: compare.length > 0,
	};
}

function allPairs<T>(items: readonly T[]): (readonly [T, T])[] {
	return items.flatMap((a, i) => items.slice(i + 1).map((b) => [a, b] as const));
}

/** Each cell against the one with the largest change. */
function ranksOf(cells: readonly MeasuredCell[]): ReadonlyMap<string, CellResult['rank']> {
	const [best, ...others] = cells.toSorted((a, b) => b.change.mean - a.change.mean);
	if (best === undefined) return new Map();
	const compared = compareAll(others.map((cell) => [best, cell] as const));
	return new Map<string, CellResult['rank']>([
		[best.name, 'best'],
		...compared.map(({ b, verdict }) => [b, verdict === 'equal' ? 'equal' : 'below'] as const),
	]);
}

function compareAll(pairs: readonly (readonly [MeasuredCell, MeasuredCell])[]): readonly CellComparison[] {
	const compared = pairs.map(([a, b]) => comparison(a, b));
	const corrected = holm(compared.map(({ p }) => p));
	return compared.map((one, i) => {
		const p = corrected[i] ?? 1;
		const clear = p < CLEAR_P;
		const above = one.difference.score > 0;
		return { ...one, corrected: p, verdict: clear ? (above ? 'above' : 'below') : 'equal' };
	});
}

function comparison(a: MeasuredCell, b: MeasuredCell): Omit<CellComparison, 'corrected' | 'verdict'> {
	const [first, second] = a.pairedWith(b);
	const resamples = first.resamples.map((value, i) => value - (second.resamples[i] ?? Number.NaN));
	const score = first.mean - second.mean;
	const shared = common(a.changes, b.changes).a;
	return {
		a: a.name,
		b: b.name,
		seeds: shared.seeds.length,
		difference: {
			score,
			...intervalOf(resamples),
			n: Math.min(...shared.prompts.map(({ length }) => length)),
		},
		p: shared.seeds.length === 0 ? 1 : twoSidedP(score, standardError(resamples)),
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
