/** The results of a grid: each cell over its seeds, and cells against each other on the same prompts and seeds. */
import type { Estimate } from '../evaluation/evaluation.ts';
import { mean } from '../evaluation/intervals.ts';
import type { Cell } from './cells.ts';
import type { ModeScores, RunFigures, RunOutcome } from './outcome.ts';
import { common, intervalOf, resampled, standardError, type Resampled, type SeedScores } from './resample.ts';
import { CLEAR_P, holm, twoSidedP } from './significance.ts';

/** Scores of one decoding mode over the seeds of a cell. */
export interface ModeResult {
	/** Means over the seeds. */
	readonly before: number;
	readonly after: Estimate;
	/** after − before, with its interval over seeds and prompts; n counts the prompts. */
	readonly change: Estimate;
}

/** Means over the seeds; null if no seed has the figure. */
export interface CellMeans {
	readonly pairs: number | null;
	readonly chosenScore: number | null;
	readonly rejectedScore: number | null;
	readonly editedCredit: number | null;
	readonly editedTokens: number | null;
	readonly chosenLogRatio: number | null;
	readonly rejectedLogRatio: number | null;
	/** KL to the reference on sampled answers, nats. */
	readonly kl: number | null;
	readonly wallSeconds: number | null;
}

export interface CellResult {
	readonly cell: string;
	/** Seeds that are done. */
	readonly seeds: readonly number[];
	/** Why other seeds failed. */
	readonly failures: readonly { readonly seed: number; readonly message: string }[];
	/** Null without a finished seed. */
	readonly greedy: ModeResult | null;
	readonly sampled: ModeResult | null;
	/** Greedy change by family, mean over the seeds. */
	readonly families: readonly { readonly family: string; readonly change: number }[];
	readonly means: CellMeans;
	/** Decisions of the judge over all seeds; null without a judge. */
	readonly judge: { readonly right: number; readonly decided: number } | null;
	/** Signs of a broken model: "seed 2: 12% of its answers repeat themselves (2% before)". */
	readonly marks: readonly string[];
	/** `best`, `equal` to it up to chance, or `below` it; null without a result. */
	readonly rank: 'best' | 'equal' | 'below' | null;
}

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

/** Mean of one number per seed, with its bootstrap interval over seeds. */
function overSeeds(values: readonly number[]): Estimate {
	const seeds = values.map((_, i) => i);
	const scores = { seeds, prompts: values.map(() => ['']), values: values.map((value) => [value]) };
	return estimateOf(resampled(scores), values.length);
}

function estimateOf({ mean: score, resamples }: Resampled, n: number): Estimate {
	return { score, ...intervalOf(resamples), n };
}

/** A cell with its finished runs. */
class MeasuredCell {
	readonly name: string;
	readonly figures: readonly { readonly seed: number; readonly figures: RunFigures }[];
	readonly changes: SeedScores;
	readonly change: Resampled;
	readonly #failures: CellResult['failures'];

	constructor(name: string, outcomes: readonly RunOutcome[]) {
		const own = outcomes.filter(({ cell }) => cell === name);
		this.name = name;
		this.figures = own.flatMap(({ seed, figures }) => (figures === null ? [] : [{ seed, figures }]));
		this.#failures = own.flatMap(({ seed, error }) =>
			error === null ? [] : [{ seed, message: error.message }],
		);
		this.changes = this.#scores('greedy', ({ beforeScores, afterScores }) =>
			afterScores.map((after, i) => after - (beforeScores[i] ?? Number.NaN)),
		);
		this.change = resampled(this.changes);
	}

	get seeds(): readonly number[] {
		return this.figures.map(({ seed }) => seed);
	}

	/** Changes of both cells with the same draws. */
	pairedWith(other: MeasuredCell): readonly [Resampled, Resampled] {
		if (sameRows(this.changes, other.changes)) return [this.change, other.change];
		const { a, b } = common(this.changes, other.changes);
		return [resampled(a), resampled(b)];
	}

	result(rank: CellResult['rank']): CellResult {
		const judged = this.figures.flatMap(({ figures }) => figures.judge ?? []);
		const sum = (of: (one: { right: number; decided: number }) => number): number =>
			judged.reduce((total, one) => total + of(one), 0);
		return {
			cell: this.name,
			seeds: this.seeds,
			failures: this.#failures,
			greedy: this.#mode('greedy'),
			sampled: this.#mode('sampled'),
			families: this.#families(),
			means: this.#means(),
			judge:
				judged.length === 0
					? null
					: { right: sum(({ right }) => right), decided: sum(({ decided }) => decided) },
			marks: this.figures.flatMap(({ seed, figures }) =>
				figures.marks.map((mark) => `seed ${seed}: ${mark}`),
			),
			rank,
		};
	}

	#scores(mode: 'greedy' | 'sampled', values: (scores: ModeScores) => readonly number[]): SeedScores {
		return {
			seeds: this.seeds,
			prompts: this.figures.map(({ figures }) => figures[mode].prompts),
			values: this.figures.map(({ figures }) => values(figures[mode])),
		};
	}

	#mode(mode: 'greedy' | 'sampled'): ModeResult | null {
		if (this.figures.length === 0) return null;
		const n = Math.min(...this.figures.map(({ figures }) => figures[mode].prompts.length));
		const changes = this.#scores(mode, ({ beforeScores, afterScores }) =>
			afterScores.map((after, i) => after - (beforeScores[i] ?? Number.NaN)),
		);
		return {
			before: mean(this.figures.map(({ figures }) => mean(figures[mode].beforeScores))),
			after: estimateOf(resampled(this.#scores(mode, ({ afterScores }) => afterScores)), n),
			change: estimateOf(mode === 'greedy' ? this.change : resampled(changes), n),
		};
	}

	#families(): CellResult['families'] {
		const changes = new Map<string, number[]>();
		for (const { figures } of this.figures)
			for (const { family, difference } of figures.families)
				changes.set(family, [...(changes.get(family) ?? []), difference.score]);
		return [...changes].map(([family, values]) => ({ family, change: mean(values) }));
	}

	#means(): CellMeans {
		const over = (of: (figures: RunFigures) => number | null | undefined): number | null => {
			const values = this.figures.flatMap(({ figures }) => of(figures) ?? []);
			return values.length === 0 ? null : mean(values);
		};
		return {
			pairs: over(({ pairs }) => pairs.kept),
			chosenScore: over(({ pairs }) => pairs.chosenScore),
			rejectedScore: over(({ pairs }) => pairs.rejectedScore),
			editedCredit: over(({ credit }) => credit?.editedCredit),
			editedTokens: over(({ credit }) => credit?.editedTokens),
			chosenLogRatio: over(({ rewards }) => rewards.chosenLogRatio),
			rejectedLogRatio: over(({ rewards }) => rewards.rejectedLogRatio),
			kl: over(({ drift }) => drift?.kl.score),
			wallSeconds: over(({ wallSeconds }) => wallSeconds),
		};
	}
}

function sameRows(a: SeedScores, b: SeedScores): boolean {
	return (
		a.seeds.join() === b.seeds.join() &&
		a.prompts.every((list, i) => list.join() === (b.prompts[i] ?? []).join())
	);
}
