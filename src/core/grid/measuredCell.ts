/** One cell of a grid over its seeds. */
import type { Estimate } from '../evaluation/evaluation.ts';
import { mean } from '../evaluation/intervals.ts';
import type { ModeScores, RunFigures, RunOutcome } from './outcome.ts';
import { estimateOf, MeasuredScores } from './measuredScores.ts';
import { resampled, type SeedScores } from './resample.ts';

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
	/** `best`, `equal` to it up to chance, or `below` it; null without a result. If several share the largest change, they are `equal`. */
	readonly rank: 'best' | 'equal' | 'below' | null;
}

/** False if no cell has a result, or if several share the largest change. */
export function hasBest(cells: readonly CellResult[]): boolean {
	return cells.some(({ rank }) => rank === 'best');
}

/** Cells by their first outcome, so that a grid that grows measures only the cells that changed. */
const cellsByOutcome = new WeakMap<
	RunOutcome,
	{ readonly own: readonly RunOutcome[]; readonly cell: MeasuredCell }
>();

/** @param outcomes of a grid, those of other cells included */
export function measuredCell(name: string, outcomes: readonly RunOutcome[]): MeasuredCell {
	const own = outcomes.filter(({ cell }) => cell === name);
	const [first] = own;
	const known = first === undefined ? undefined : cellsByOutcome.get(first);
	if (known?.own.length === own.length && known.own.every((outcome, i) => outcome === own[i]))
		return known.cell;
	const cell = new MeasuredCell(name, own);
	if (first !== undefined) cellsByOutcome.set(first, { own, cell });
	return cell;
}

/** A cell with its finished runs. */
export class MeasuredCell {
	readonly name: string;
	readonly figures: readonly { readonly seed: number; readonly figures: RunFigures }[];
	/** Greedy score after − before. */
	readonly change: MeasuredScores;
	readonly #failures: CellResult['failures'];

	#modes: Pick<CellResult, 'greedy' | 'sampled'> | null = null;

	/** @param own outcomes of this cell */
	constructor(name: string, own: readonly RunOutcome[]) {
		this.name = name;
		this.figures = own.flatMap(({ seed, figures }) => (figures === null ? [] : [{ seed, figures }]));
		this.#failures = own.flatMap(({ seed, error }) =>
			error === null ? [] : [{ seed, message: error.message }],
		);
		this.change = new MeasuredScores(this.#changes('greedy'));
	}

	get seeds(): readonly number[] {
		return this.figures.map(({ seed }) => seed);
	}

	result(rank: CellResult['rank']): CellResult {
		const judged = this.figures.flatMap(({ figures }) => figures.judge ?? []);
		const sum = (of: (one: { right: number; decided: number }) => number): number =>
			judged.reduce((total, one) => total + of(one), 0);
		return {
			cell: this.name,
			seeds: this.seeds,
			failures: this.#failures,
			...this.#bothModes(),
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

	#changes(mode: 'greedy' | 'sampled'): SeedScores {
		return this.#scores(mode, ({ beforeScores, afterScores }) =>
			afterScores.map((after, i) => after - (beforeScores[i] ?? Number.NaN)),
		);
	}

	#bothModes(): Pick<CellResult, 'greedy' | 'sampled'> {
		this.#modes ??= { greedy: this.#mode('greedy'), sampled: this.#mode('sampled') };
		return this.#modes;
	}

	#mode(mode: 'greedy' | 'sampled'): ModeResult | null {
		if (this.figures.length === 0) return null;
		const change = mode === 'greedy' ? this.change : new MeasuredScores(this.#changes(mode));
		return {
			before: mean(this.figures.map(({ figures }) => mean(figures[mode].beforeScores))),
			after: new MeasuredScores(this.#scores(mode, ({ afterScores }) => afterScores)).estimate,
			change: change.estimate,
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

/** Mean of one number per seed, with its bootstrap interval over seeds. */
export function overSeeds(values: readonly number[]): Estimate {
	const seeds = values.map((_, i) => i);
	const scores = { seeds, prompts: values.map(() => ['']), values: values.map((value) => [value]) };
	return estimateOf(resampled(scores), values.length);
}
