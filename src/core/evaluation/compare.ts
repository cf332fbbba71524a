/**
 * Before against after on the same held-out prompts: as a whole, by family, by named check, and prompt by prompt. Pairing is by
 * prompt, so that easy and hard prompts cancel out of the difference; prompts that only one side answered are left out.
 */
import { at } from '../math/at.ts';
import type { Prompt } from '../prompt/prompt.ts';
import type {
	Estimate,
	GroupedComparison,
	HeldOutResult,
	PairedComparison,
	ScoredAnswer,
} from './evaluation.ts';
import { type BootstrapOptions, meanEstimate, shareEstimate } from './intervals.ts';

/** One prompt answered by both. */
export interface AnswerPair {
	prompt: Prompt;
	before: ScoredAnswer;
	after: ScoredAnswer;
}

/** Scores below this difference count as equal: they are sums of the same weights in another order. */
const TIE = 1e-9;

/** A model state's answers with their mean score. */
export function heldOutResult(
	mode: HeldOutResult['mode'],
	step: number,
	answers: readonly ScoredAnswer[],
	options: BootstrapOptions = {},
): HeldOutResult {
	return {
		mode,
		step,
		answers,
		estimate: meanEstimate(
			answers.map(({ score }) => score),
			options,
		),
	};
}

/** Prompts that both sides answered, in the order of `before`. */
export function pairAnswers(before: readonly ScoredAnswer[], after: readonly ScoredAnswer[]): AnswerPair[] {
	const later = new Map(after.map((answer) => [answer.prompt.id, answer]));
	return before.flatMap((answer) => {
		const match = later.get(answer.prompt.id);
		return match === undefined ? [] : [{ prompt: answer.prompt, before: answer, after: match }];
	});
}

type Estimator = (values: readonly number[]) => Estimate;

/** Compares paired values; `estimate` gives each side's own interval. */
function compareValues(
	before: readonly number[],
	after: readonly number[],
	estimate: Estimator,
	options: BootstrapOptions,
): PairedComparison {
	const differences = before.map((value, i) => at(after, i) - value);
	const count = (keep: (difference: number) => boolean): number => differences.filter(keep).length;
	const better = count((difference) => difference > TIE);
	const worse = count((difference) => difference < -TIE);
	return {
		before: estimate(before),
		after: estimate(after),
		difference: meanEstimate(differences, { ...options, range: [-1, 1] }),
		better,
		worse,
		equal: differences.length - better - worse,
	};
}

function compareScores(pairs: readonly AnswerPair[], options: BootstrapOptions): PairedComparison {
	return compareValues(
		pairs.map(({ before }) => before.score),
		pairs.map(({ after }) => after.score),
		(values) => meanEstimate(values, options),
		options,
	);
}

/**
 * The whole comparison: both means, and the mean difference with its paired bootstrap interval.
 *
 * @throws ShapeError when no prompt was answered by both
 */
export function compareAnswers(
	before: readonly ScoredAnswer[],
	after: readonly ScoredAnswer[],
	options: BootstrapOptions = {},
): PairedComparison {
	return compareScores(pairAnswers(before, after), options);
}

function groupPairs(pairs: readonly AnswerPair[]): Map<string, AnswerPair[]> {
	const groups = new Map<string, AnswerPair[]>();
	for (const pair of pairs) {
		const { family } = pair.prompt;
		if (family !== null) groups.set(family, [...(groups.get(family) ?? []), pair]);
	}
	return groups;
}

/** The comparison within each family, in order of first appearance; prompts without a family are left out. */
export function compareByFamily(
	before: readonly ScoredAnswer[],
	after: readonly ScoredAnswer[],
	options: BootstrapOptions = {},
): GroupedComparison[] {
	const groups = groupPairs(pairAnswers(before, after));
	return [...groups].map(([group, pairs]) => ({ group, ...compareScores(pairs, options) }));
}

const shareOf: Estimator = (values) =>
	shareEstimate(values.filter((value) => value === 1).length, values.length);

/** The share of answers that pass each named check, before and after, over prompts whose rubric has it on both sides. */
export function compareByCheck(
	before: readonly ScoredAnswer[],
	after: readonly ScoredAnswer[],
	options: BootstrapOptions = {},
): GroupedComparison[] {
	const byCheck = new Map<string, { before: number[]; after: number[] }>();
	for (const pair of pairAnswers(before, after)) {
		for (const check of pair.before.checks) {
			const match = pair.after.checks.find(({ name }) => name === check.name);
			if (match === undefined) continue;
			const lists = byCheck.get(check.name) ?? { before: [], after: [] };
			lists.before.push(check.passed ? 1 : 0);
			lists.after.push(match.passed ? 1 : 0);
			byCheck.set(check.name, lists);
		}
	}
	return [...byCheck].map(([group, lists]) => ({
		group,
		...compareValues(lists.before, lists.after, shareOf, options),
	}));
}

/** Share of prompts on which after scores more than before; ties are no win. */
export function winRate({ better, equal, worse }: PairedComparison): Estimate {
	return shareEstimate(better, better + equal + worse);
}

/** A prompt that was answered better before, with the checks that it passed then and fails now. */
export interface Regression extends AnswerPair {
	/** Score lost, > 0. */
	drop: number;
	lostChecks: readonly string[];
}

/** All prompts that became worse, largest drop first. */
export function regressions(before: readonly ScoredAnswer[], after: readonly ScoredAnswer[]): Regression[] {
	return pairAnswers(before, after)
		.map((pair) => {
			const failed = new Set(pair.after.checks.filter(({ passed }) => !passed).map(({ name }) => name));
			const lost = pair.before.checks.filter(({ name, passed }) => passed && failed.has(name));
			return {
				...pair,
				drop: pair.before.score - pair.after.score,
				lostChecks: lost.map(({ name }) => name),
			};
		})
		.filter(({ drop }) => drop > TIE)
		.sort((a, b) => b.drop - a.drop);
}
