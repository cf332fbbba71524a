/** Figures of one side of a set's pairs: its score by the rubric and its length. Pure. */
import { mean } from '../evaluation/intervals.ts';
import { scoreAnswer } from '../world/registry.ts';
import type { PreferencePair } from './pair.ts';

export type PairSide = 'chosen' | 'rejected';

export interface SideFigures {
	/** In [0, 1]; null if the prompt has no rubric. */
	score: number | null;
	words: number;
}

export const wordsOf = (text: string): number => text.split(/\s+/).filter(Boolean).length;

export function sideFigures(pair: PreferencePair, side: PairSide): SideFigures {
	return { score: scoreAnswer(pair.prompt.text, pair[side])?.score ?? null, words: wordsOf(pair[side]) };
}

/** Means over a set. */
export interface SideMeans {
	/** Over the pairs with a rubric; null without any. */
	score: number | null;
	/** Null without pairs. */
	words: number | null;
}

export function sideMeans(sides: readonly SideFigures[]): SideMeans {
	const scores = sides.flatMap(({ score }) => score ?? []);
	return {
		score: scores.length === 0 ? null : mean(scores),
		words: sides.length === 0 ? null : mean(sides.map(({ words }) => words)),
	};
}

export function meansOfSide(pairs: readonly PreferencePair[], side: PairSide): SideMeans {
	return sideMeans(pairs.map((pair) => sideFigures(pair, side)));
}
