/** The held-out answers of two runs: the prompts that both have, and their scores on them, paired by prompt. */
import type { Prompt } from '../prompt/prompt.ts';
import { estimateOf, isScored, pairAnswers } from './compare.ts';
import type { Estimate, HeldOutResult, ScoredAnswer } from './evaluation.ts';
import { meanEstimate } from './intervals.ts';

/** The results of one run in one decoding mode; null if there is none. */
export interface RunResults {
	readonly before: HeldOutResult | null;
	readonly after: HeldOutResult | null;
}

/** The results before training and the latest after it. @param results in the order in which they were made */
export function resultsIn(results: readonly HeldOutResult[], wanted: HeldOutResult['mode']): RunResults {
	return {
		before: results.findLast(({ mode, step }) => mode === wanted && step === 0) ?? null,
		after: results.findLast(({ mode, step }) => mode === wanted && step > 0) ?? null,
	};
}

/** Of both runs, in the order of the runs. */
export type Both<T> = readonly [T, T];

/** A held-out prompt that both runs answered after training. */
export interface CommonAnswers {
	readonly prompt: Prompt;
	/** Answers before training, by the models that the runs began from; null if a run has none. */
	readonly base: Both<ScoredAnswer | null>;
	readonly tuned: Both<ScoredAnswer>;
	/** Score of the second − that of the first; null if the prompt has no rubric. */
	readonly difference: number | null;
}

/** Mean scores with their intervals, or differences of them; null if there is nothing to estimate. */
export interface ScoreRow {
	readonly of: 'first' | 'second' | 'difference';
	readonly before: Estimate | null;
	readonly after: Estimate | null;
	/** after − before, paired by prompt. */
	readonly change: Estimate | null;
}

/** In the order of the first run. */
export function commonAnswers(first: RunResults, second: RunResults): readonly CommonAnswers[] {
	const bases = [byPrompt(first.before), byPrompt(second.before)] as const;
	return (
		pairAnswers(first.after?.answers ?? [], second.after?.answers ?? [])
			// Ids are short hashes: two texts can have one id.
			.filter(({ before, after }) => before.prompt.text === after.prompt.text)
			.map(({ prompt, before, after }) => ({
				prompt,
				base: [bases[0].get(prompt.id) ?? null, bases[1].get(prompt.id) ?? null],
				tuned: [before, after],
				difference: isScored(before) && isScored(after) ? after.score - before.score : null,
			}))
	);
}

function byPrompt(result: HeldOutResult | null): ReadonlyMap<string, ScoredAnswer> {
	return new Map(result?.answers.map((answer) => [answer.prompt.id, answer]) ?? []);
}

/**
 * The scores of both runs on their common prompts and the difference second − first; without a common prompt, the scores of each run on
 * its own prompts and no difference. Yields one row at a time, so that the caller can yield to the page in between.
 */
export function* scoreRows(
	first: RunResults,
	second: RunResults,
	common: readonly CommonAnswers[],
): Generator<ScoreRow> {
	const scored = common.filter(({ difference }) => difference !== null);
	if (scored.length === 0) {
		yield ownRow('first', first);
		yield ownRow('second', second);
		return;
	}
	const whole = scored.filter(hasBases);
	// Without scores before training, the scores after it still compare.
	const rows = whole.length > 0 ? whole : scored;
	yield rowOf('first', scoresOf(rows, 0), [0, 1]);
	yield rowOf('second', scoresOf(rows, 1), [0, 1]);
	yield rowOf('difference', differenceOf(scoresOf(rows, 0), scoresOf(rows, 1)), [-1, 1]);
}

/** Scores by prompt; `before` is empty if they are not known. */
interface Scores {
	readonly before: readonly number[];
	readonly after: readonly number[];
}

function scoresOf(rows: readonly CommonAnswers[], run: 0 | 1): Scores {
	const isWhole = rows.every(hasBases);
	return {
		before: isWhole ? rows.map(({ base }) => base[run]?.score ?? 0) : [],
		after: rows.map(({ tuned }) => tuned[run].score),
	};
}

function hasBases({ base }: CommonAnswers): boolean {
	return base.every((answer) => answer !== null && isScored(answer));
}

function differenceOf(first: Scores, second: Scores): Scores {
	return {
		before: minus(second.before, first.before),
		after: minus(second.after, first.after),
	};
}

const minus = (a: readonly number[], b: readonly number[]): readonly number[] =>
	a.map((value, i) => value - (b[i] ?? 0));

/** @param range of the values before and after training; their change has twice its width */
function rowOf(of: ScoreRow['of'], { before, after }: Scores, range: Both<number>): ScoreRow {
	const width = range[1] - range[0];
	return {
		of,
		before: before.length === 0 ? null : meanEstimate(before, { range }),
		after: meanEstimate(after, { range }),
		change: before.length === 0 ? null : meanEstimate(minus(after, before), { range: [-width, width] }),
	};
}

/** The scores of one run on its own prompts. */
function ownRow(of: 'first' | 'second', { before, after }: RunResults): ScoreRow {
	const pairs = pairAnswers(scoredOf(before), scoredOf(after));
	if (pairs.length > 0)
		return rowOf(
			of,
			{ before: pairs.map((pair) => pair.before.score), after: pairs.map((pair) => pair.after.score) },
			[0, 1],
		);
	return { of, before: meanOf(before), after: meanOf(after), change: null };
}

function scoredOf(result: HeldOutResult | null): readonly ScoredAnswer[] {
	return result?.answers.filter(isScored) ?? [];
}

function meanOf(result: HeldOutResult | null): Estimate | null {
	const estimate = estimateOf(scoredOf(result).map(({ score }) => score));
	return estimate.n === 0 ? null : estimate;
}
