/**
 * Figures of the preference lab, for sentences about several runs and seeds. `node scripts/results.ts` writes results.json from
 * the lab's grid; docs/results.md shows the same figures.
 */
import { fixed, percent, signed } from '../../text/numbers.ts';
import { enumerate } from '../../text/wording.ts';
import results from './results.json' with { type: 'json' };

interface Interval {
	readonly score: number;
	readonly low: number;
	readonly high: number;
}

/** Means over the seeds of a cell. */
interface CellFigures {
	readonly before: number;
	readonly after: Interval;
	readonly change: Interval;
	readonly sampledChange: Interval;
	/** Greedy after training, by seed. */
	readonly scores: readonly number[];
	/** Runs with signs of a broken model. */
	readonly broken: number;
	/** Share of the greedy answers that repeat themselves, and their mean words. */
	readonly repeats: number;
	readonly words: number;
	/** Shares of |credit| and of tokens. */
	readonly editedCredit: number;
	readonly editedTokens: number;
	/** Null without a judge. */
	readonly judgeRight: number | null;
	readonly judgeLonger: number | null;
}

export type LabCell = keyof typeof results.cells;
/** Two cells on the same prompts and seeds: the first − the second. */
export type LabPair = keyof typeof results.differences;

const CELLS: Readonly<Record<LabCell, CellFigures>> = results.cells;
const DIFFERENCES: Readonly<Record<LabPair, Interval & { readonly seeds: number }>> = results.differences;

/** Greedy scores of a cell and what belongs to them, as texts. */
export function lab(name: LabCell) {
	const cell = CELLS[name];
	const { scores } = cell;
	return {
		seeds: String(scores.length),
		/** "0.38" */
		before: fixed(cell.before),
		after: fixed(cell.after.score),
		/** "+0.51 (95% interval +0.48 to +0.54)" */
		change: withInterval(cell.change),
		sampledChange: withInterval(cell.sampledChange),
		/** "0.89, 0.89 and 0.88" */
		scores: enumerate(scores.map((score) => fixed(score))),
		lowest: fixed(Math.min(...scores)),
		highest: fixed(Math.max(...scores)),
		/** "4 of 5" */
		broken: `${cell.broken} of ${scores.length}`,
		repeats: percent(cell.repeats),
		words: fixed(cell.words, 1),
		editedCredit: percent(cell.editedCredit),
		editedTokens: percent(cell.editedTokens),
		judgeRight: percent(cell.judgeRight ?? NaN),
		judgeLonger: percent(cell.judgeLonger ?? NaN),
	};
}

/** The paired difference of greedy scores: "+0.04 over 5 seeds (95% interval +0.01 to +0.08)". */
export function labDifference(pair: LabPair): string {
	const { seeds, ...interval } = DIFFERENCES[pair];
	return withInterval(interval, ` over ${seeds === 1 ? '1 seed' : `${seeds} seeds`}`);
}

/** With three decimals if two would round a bound to 0. */
function withInterval({ score, low, high }: Interval, scope = ''): string {
	const digits = Math.min(Math.abs(low), Math.abs(high)) < 0.005 ? 3 : 2;
	const [mean, from, to] = [score, low, high].map((value) => signed(value, digits));
	return `${mean ?? ''}${scope} (95% interval ${from ?? ''} to ${to ?? ''})`;
}
