/** Rules by which a lesson selects a pair of the open run, so that no sentence depends on a written id. */
import type { PreferencePair } from '../pair/pair.ts';
import { wordsOf } from '../pair/sides.ts';
import type { RunRecord, TrailPoint } from '../run/run.ts';
import { scoreAnswer } from '../world/registry.ts';

type RunPairs = Pick<RunRecord, 'pairs' | 'trails'>;
type Rule = (run: RunPairs) => string | null;

const PAIR_RULES = {
	/** The pair whose chosen reward is lowest when last measured, and below 0. */
	chosenFellMost: ({ trails }) => {
		const fallen = [...lastRewards(trails).values()].filter(({ chosen }) => chosen < 0);
		return fallen.sort((a, b) => a.chosen - b.chosen)[0]?.pairId ?? null;
	},
	/** The first pair whose chosen answer has more words and a lower score than its rejected one. */
	longerButWorse: ({ pairs }) => pairs.find((pair) => isLonger(pair) && isWorse(pair))?.id ?? null,
} satisfies Record<string, Rule>;

export type PairRule = keyof typeof PAIR_RULES;

/** Id of the pair that the rule selects; null if the run has no such pair. */
export function pairByRule(rule: PairRule, run: RunPairs): string | null {
	return PAIR_RULES[rule](run);
}

/** Rewards of each followed pair when last measured, by pair id. The points are in the order of the steps. */
export function lastRewards(trails: readonly TrailPoint[]): ReadonlyMap<string, TrailPoint> {
	return new Map(trails.map((point) => [point.pairId, point]));
}

const isLonger = ({ chosen, rejected }: PreferencePair): boolean => wordsOf(chosen) > wordsOf(rejected);

function isWorse({ prompt, chosen, rejected }: PreferencePair): boolean {
	const [w, l] = [chosen, rejected].map((text) => scoreAnswer(prompt.text, text)?.score);
	return w !== undefined && l !== undefined && w < l;
}
