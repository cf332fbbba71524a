/**
 * Compares answers before and after training on the same held-out prompts: overall, by family, by named check
 * and by prompt. Pairing by prompt removes the spread between easy and hard prompts from the difference;
 * prompts with an answer on one side only are left out.
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

/** One prompt with both answers. */
export interface AnswerPair {
	prompt: Prompt;
	before: ScoredAnswer;
	after: ScoredAnswer;
}

/** Scores that differ by less count as equal: they sum the same weights in another order. */
const TIE = 1e-9;

/** An answer whose prompt has no rubric has no checks. */
export function isScored(answer: ScoredAnswer): boolean {
	return answer.checks.length > 0;
}

/** Answers that pass every check of their rubric: a mean near 1 hides how many are flawless. */
export function fullyCorrect(answers: readonly ScoredAnswer[]): number {
	return answers.filter(({ checks }) => checks.length > 0 && checks.every(({ passed }) => passed)).length;
}

/** Bundles the answers of one model state with their mean score. */
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

/** Pairs the answers to prompts that both sides answered, in the order of `before`. */
export function pairAnswers(before: readonly ScoredAnswer[], after: readonly ScoredAnswer[]): AnswerPair[] {
	const later = new Map(after.map((answer) => [answer.prompt.id, answer]));
	return before.flatMap((answer) => {
		const match = later.get(answer.prompt.id);
		return match === undefined ? [] : [{ prompt: answer.prompt, before: answer, after: match }];
	});
}

/** The estimate before training and the one after. */
export type BeforeAndAfter = Record<'before' | 'after', Estimate>;

/**
 * The estimates of several results over the prompts that all of them scored, so that they can be compared. If no
 * result leaves out a prompt, these are the results' own estimates. All are empty (n is 0) if they share no prompt.
 *
 * @param isScored true for an answer that counts in the estimate
 */
export function commonEstimates(
	results: readonly HeldOutResult[],
	isScored: (answer: ScoredAnswer) => boolean,
): readonly Estimate[] {
	if (results.every(({ leftOut = [] }) => leftOut.length === 0))
		return results.map(({ estimate }) => estimate);
	const scored = results.map(({ answers }) => answers.filter(isScored));
	const counts = new Map<string, number>();
	for (const answers of scored)
		for (const id of new Set(answers.map(({ prompt }) => prompt.id)))
			counts.set(id, (counts.get(id) ?? 0) + 1);
	return scored.map((answers) => {
		const common = answers.filter(({ prompt }) => counts.get(prompt.id) === results.length);
		return estimateOf(common.map(({ score }) => score));
	});
}

/** The mean of some scores with its interval; n is 0 if there are none. */
export function estimateOf(scores: readonly number[]): Estimate {
	return scores.length === 0 ? { score: 0, low: 0, high: 0, n: 0 } : meanEstimate(scores);
}

/**
 * Mean of after − before with its paired bootstrap interval; n is 0 if there are no values.
 *
 * @param before scores in [0, 1]
 * @param after  scores of the same prompts, in the same order
 */
export function pairedDifference(
	before: readonly number[],
	after: readonly number[],
	options: BootstrapOptions = {},
): Estimate {
	if (before.length === 0) return estimateOf([]);
	const differences = before.map((value, i) => at(after, i) - value);
	return meanEstimate(differences, { ...options, range: [-1, 1] });
}

function compareValues(
	before: readonly number[],
	after: readonly number[],
	sides: BeforeAndAfter,
	options: BootstrapOptions,
): PairedComparison {
	return {
		...sides,
		difference: pairedDifference(before, after, options),
		...countDifferences(before.map((value, i) => at(after, i) - value)),
	};
}

/** @param differences of scores, one per prompt */
export function countDifferences(
	differences: readonly number[],
): Pick<PairedComparison, 'better' | 'worse' | 'equal'> {
	const better = differences.filter((difference) => difference > TIE).length;
	const worse = differences.filter((difference) => difference < -TIE).length;
	return { better, worse, equal: differences.length - better - worse };
}

/** @param sides estimates of both sides, if known; otherwise computed here with the same resamples */
function compareScores(
	pairs: readonly AnswerPair[],
	options: BootstrapOptions,
	sides?: BeforeAndAfter,
): PairedComparison {
	const before = pairs.map((pair) => pair.before.score);
	const after = pairs.map((pair) => pair.after.score);
	const estimated = sides ?? { before: meanEstimate(before, options), after: meanEstimate(after, options) };
	return compareValues(before, after, estimated, options);
}

/**
 * Compares all answers: both means, and the mean difference with its paired bootstrap interval.
 *
 * @param sides the means of the same answers, if known
 * @throws ShapeError if no prompt has both answers
 */
export function compareAnswers(
	before: readonly ScoredAnswer[],
	after: readonly ScoredAnswer[],
	options: BootstrapOptions = {},
	sides?: BeforeAndAfter,
): PairedComparison {
	return compareScores(pairAnswers(before, after), options, sides);
}

function groupPairs(pairs: readonly AnswerPair[]): Map<string, AnswerPair[]> {
	const groups = new Map<string, AnswerPair[]>();
	for (const pair of pairs) {
		const { family } = pair.prompt;
		if (family !== null) groups.set(family, [...(groups.get(family) ?? []), pair]);
	}
	return groups;
}

/**
 * Compares within each family, in order of first appearance, without the prompts that have no family. Yields
 * one family at a time, so that the caller can yield to the page in between.
 */
export function* compareByFamily(
	before: readonly ScoredAnswer[],
	after: readonly ScoredAnswer[],
	options: BootstrapOptions = {},
): Generator<GroupedComparison> {
	for (const [group, pairs] of groupPairs(pairAnswers(before, after)))
		yield { group, ...compareScores(pairs, options) };
}

function shareOf(values: readonly number[]): Estimate {
	return shareEstimate(values.filter((value) => value === 1).length, values.length);
}

/**
 * Compares the share of answers that pass each named check, over prompts whose rubric has the check on both
 * sides. Yields one check at a time.
 */
export function* compareByCheck(
	before: readonly ScoredAnswer[],
	after: readonly ScoredAnswer[],
	options: BootstrapOptions = {},
): Generator<GroupedComparison> {
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
	for (const [group, lists] of byCheck) {
		const sides = { before: shareOf(lists.before), after: shareOf(lists.after) };
		yield { group, ...compareValues(lists.before, lists.after, sides, options) };
	}
}
