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

/** The estimate of each side. */
export type Sides = Record<'before' | 'after', Estimate>;

function compareValues(
	before: readonly number[],
	after: readonly number[],
	sides: Sides,
	options: BootstrapOptions,
): PairedComparison {
	const differences = before.map((value, i) => at(after, i) - value);
	const count = (keep: (difference: number) => boolean): number => differences.filter(keep).length;
	const better = count((difference) => difference > TIE);
	const worse = count((difference) => difference < -TIE);
	return {
		...sides,
		difference: meanEstimate(differences, { ...options, range: [-1, 1] }),
		better,
		worse,
		equal: differences.length - better - worse,
	};
}

/** @param sides estimates of both sides, if known; otherwise computed here with the same resamples */
function compareScores(
	pairs: readonly AnswerPair[],
	options: BootstrapOptions,
	sides?: Sides,
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
	sides?: Sides,
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
