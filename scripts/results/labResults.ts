/** The results of the preference lab's grid, as docs/grids/lab.results.json keeps them: figures of each run, and no texts. */

/** A mean with its 95% interval. */
export interface Interval {
	readonly score: number;
	readonly low: number;
	readonly high: number;
}

export interface LabRun {
	readonly seed: number;
	/** Mean scores on the held-out prompts, with intervals over prompts. */
	readonly greedy: { readonly before: Interval; readonly after: Interval };
	readonly sampled: { readonly before: Interval; readonly after: Interval };
	readonly pairs: number;
	/** Mean rubric scores and words of both sides of the pairs. */
	readonly chosen: { readonly score: number | null; readonly words: number };
	readonly rejected: { readonly score: number | null; readonly words: number };
	/** The judge's decisions on answers whose scores, or lengths, differ; null without a judge. */
	readonly judge: {
		readonly right: number;
		readonly decided: number;
		readonly longer: number;
		readonly unequal: number;
	} | null;
	/** Share of |credit| on edited tokens, and the share of edited tokens; null if it was not measured. */
	readonly credit: { readonly edited: number; readonly tokens: number } | null;
	/** Mean log-ratios to the reference over the last steps, nats. */
	readonly logRatio: { readonly chosen: number; readonly rejected: number };
	/** Greedy held-out answers before and after: share that repeats itself, share that is empty, mean words. */
	readonly answers: Readonly<Record<'before' | 'after', AnswerFigures>>;
	/** Signs of a broken model, a sentence each; empty if there are none. */
	readonly marks: readonly string[];
	readonly seconds: number;
}

export interface AnswerFigures {
	readonly repeats: number;
	readonly empty: number;
	readonly words: number;
}

export interface LabCell {
	readonly name: string;
	/** As the grid's file writes them: `objective: apo_zero`. */
	readonly settings: readonly string[];
	/** The cell from whose adapter it begins; null for the base model. */
	readonly begin: string | null;
	readonly greedy: CellMode;
	readonly sampled: CellMode;
	readonly runs: readonly LabRun[];
}

/** Means over the seeds; intervals over seeds and prompts. */
export interface CellMode {
	readonly before: number;
	readonly after: Interval;
	readonly change: Interval;
}

/** Two cells on the same prompts and seeds. */
export interface LabComparison {
	readonly a: string;
	readonly b: string;
	readonly seeds: number;
	/** Greedy change of a − that of b, with its paired interval over seeds and prompts. */
	readonly difference: Interval;
	/** By Holm, among all comparisons of the grid. */
	readonly p: number;
	/** Share of credit on edited tokens, a − b, with its interval over seeds; null if it was not measured. */
	readonly credit: Interval | null;
}

export interface LabResults {
	readonly schema: 1;
	readonly name: string;
	/** Days of the first and the last run. */
	readonly made: { readonly first: string; readonly last: string };
	readonly machine: { readonly backend: string; readonly processor: string; readonly cores: number };
	readonly versions: Readonly<Record<string, string>>;
	/** Settings that all cells share. */
	readonly recipe: {
		readonly model: string;
		readonly prompts: number;
		readonly heldOut: number;
		readonly beta: number;
		readonly rank: number;
		readonly learningRate: number;
		readonly steps: number;
		readonly batchPairs: number;
	};
	readonly seeds: readonly number[];
	/** Runs of the whole grid; fewer are here until it has ended. */
	readonly planned: number;
	readonly cells: readonly LabCell[];
	readonly comparisons: readonly LabComparison[];
}

/** The cell of that name. @throws Error if the file has none */
export function cellOf({ cells }: LabResults, name: string): LabCell {
	const cell = cells.find((one) => one.name === name);
	if (cell === undefined) throw new Error(`The results have no cell “${name}”.`);
	return cell;
}

/** @throws Error if the grid did not compare the two */
export function comparisonOf({ comparisons }: LabResults, a: string, b: string): LabComparison {
	const found = comparisons.find((one) => one.a === a && one.b === b);
	if (found === undefined) throw new Error(`The results do not compare “${a}” with “${b}”.`);
	return found;
}

/** Mean over the seeds. */
export function over({ runs }: LabCell, of: (run: LabRun) => number): number {
	return runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
}

/** Runs with a sign of a broken model. */
export function brokenRuns({ runs }: LabCell): readonly LabRun[] {
	return runs.filter(({ marks }) => marks.length > 0);
}
