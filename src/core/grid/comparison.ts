/** Two scores on the seeds and prompts of both, and the verdict where several pairs are compared. */
import type { Estimate } from '../evaluation/evaluation.ts';
import { estimateOf, promptsOf, type MeasuredScores } from './measuredScores.ts';
import { common, haveSameRows, standardError } from './resample.ts';
import { CLEAR_P, holm, twoSidedP } from './significance.ts';

export interface ScoreComparison {
	/** Seeds that both have. */
	readonly seeds: number;
	/** Change of a − that of b. */
	readonly difference: Estimate;
	readonly p: number;
}

export interface Verdict {
	/** By Holm, among all comparisons of the list. */
	readonly corrected: number;
	/** Whether the difference is clear after the correction. */
	readonly verdict: 'above' | 'below' | 'equal';
}

export function compareScores(a: MeasuredScores, b: MeasuredScores): ScoreComparison {
	const [first, second] = a.pairedWith(b);
	const resamples = first.resamples.map((value, i) => value - (second.resamples[i] ?? Number.NaN));
	const score = first.mean - second.mean;
	const shared = haveSameRows(a.scores, b.scores) ? a.scores : common(a.scores, b.scores).a;
	const seeds = shared.seeds.length;
	return {
		seeds,
		difference: estimateOf({ mean: score, resamples }, promptsOf(shared)),
		p: seeds === 0 ? 1 : twoSidedP(score, standardError(resamples)),
	};
}

/** Holm’s correction over all the given comparisons. */
export function withVerdicts<T extends ScoreComparison>(compared: readonly T[]): readonly (T & Verdict)[] {
	const corrected = holm(compared.map(({ p }) => p));
	return compared.map((one, i) => {
		const p = corrected[i] ?? 1;
		const side = one.difference.score > 0 ? 'above' : 'below';
		return { ...one, corrected: p, verdict: p < CLEAR_P ? side : 'equal' };
	});
}

/** Means that differ by less are equal: only the rounding of their sums differs. */
const SAME_MEAN = 1e-9;

/** True if several share the largest value: then none of them is the best. */
export function isTie(means: readonly number[]): boolean {
	const most = Math.max(...means);
	return means.filter((value) => most - value < SAME_MEAN).length > 1;
}
