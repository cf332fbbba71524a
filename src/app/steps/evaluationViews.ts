/** Data of the Evaluation view: scored answers, comparisons, changed answers, scores over time. Pure except for yielding to the page. */
import {
	commonEstimates,
	compareAnswers,
	compareByCheck,
	compareByFamily,
	estimateOf,
	isScored,
	pairAnswers,
	type AnswerPair,
} from '#core/evaluation/compare.ts';
import type {
	Estimate,
	GroupedComparison,
	HeldOutResult,
	PairedComparison,
	ScoredAnswer,
} from '#core/evaluation/evaluation.ts';
import type { Prompt } from '#core/prompt/prompt.ts';
import { scoreAnswer } from '#core/world/registry.ts';
import { nextTask } from '#core/concurrency.ts';

export type Mode = HeldOutResult['mode'];

/** The greedy scores by step, over the prompts that every state of the model answered. */
export function scoreCourse(results: readonly HeldOutResult[]): readonly ScorePoint[] {
	const scored = results.filter(({ mode, estimate }) => mode === 'greedy' && estimate.n > 0);
	const estimates = commonEstimates(scored, isScored);
	return scored.flatMap(({ step }, i) => {
		const estimate = estimates[i];
		return estimate === undefined || estimate.n === 0 ? [] : [{ step, estimate }];
	});
}

/** One point of the held-out curve. */
export interface ScorePoint {
	step: number;
	estimate: Estimate;
}

/**
 * The best score before the last, if it is above the last one's interval: the run then ended at a worse
 * adapter than one that it passed. Null otherwise.
 */
export function earlierBest(course: readonly ScorePoint[]): ScorePoint | null {
	const last = course.at(-1);
	if (last === undefined) return null;
	const best = course.reduce((a, b) => (b.estimate.score > a.estimate.score ? b : a), last);
	return best.estimate.score > last.estimate.high ? best : null;
}

/** The score at one adapter strength. */
export interface StrengthPoint {
	strength: number;
	estimate: Estimate;
}

/** A prompt of "Current answers" with its answers, oldest first. */
export interface AnswerCourse {
	prompt: Prompt;
	answers: readonly { step: number; answer: ScoredAnswer }[];
}

/** A held-out prompt whose score changed, with both answers. */
export type ChangedAnswer = AnswerPair;

/** Before against after in one decoding mode. */
export interface Comparison {
	/** The step that is compared with step 0. */
	step: number;
	whole: PairedComparison;
	/** The largest gain first. */
	byFamily: readonly GroupedComparison[];
	/** How often each named check passes, the largest gain first. */
	byCheck: readonly GroupedComparison[];
	/** The largest change first. */
	worse: readonly ChangedAnswer[];
	better: readonly ChangedAnswer[];
}

/** Resamples of an interval that is drawn, not reported: its ends move by less than a pixel. */
const DRAWN = { resamples: 1000 };

export function scoredAnswer(prompt: Prompt, text: string): ScoredAnswer {
	const scored = scoreAnswer(prompt.text, text);
	return { prompt, text, score: scored?.score ?? 0, checks: scored?.checks ?? [] };
}

/** Answers scored between two yields to the page. */
const SCORED_AT_ONCE = 64;

/**
 * Answers of one model state as a result: scored, with the mean over those that have a rubric; n is 0 if none has. Works in pieces
 * that leave the page its frames.
 */
export async function resultOf(
	mode: Mode,
	step: number,
	prompts: readonly Prompt[],
	texts: readonly string[],
): Promise<HeldOutResult> {
	const answers: ScoredAnswer[] = [];
	for (const [i, prompt] of prompts.entries()) {
		if (i % SCORED_AT_ONCE === 0) await nextTask();
		answers.push(scoredAnswer(prompt, texts[i] ?? ''));
	}
	await nextTask();
	const estimate = estimateOf(answers.filter(isScored).map((answer) => answer.score));
	await nextTask();
	return { mode, step, estimate, answers };
}

/** Compares in pieces that leave the page its frames. Null if no prompt has a rubric and both answers. */
export async function compareResults(
	before: HeldOutResult | null,
	after: HeldOutResult | null,
): Promise<Comparison | null> {
	if (before === null || after === null) return null;
	const base = before.answers.filter(isScored);
	const tuned = after.answers.filter(isScored);
	const pairs = pairAnswers(base, tuned);
	if (pairs.length === 0) return null;
	await nextTask();
	const { estimate: first } = before;
	const { estimate: last } = after;
	// If every answer has its counterpart, both sides are already estimated.
	const known = first.n === pairs.length && last.n === pairs.length;
	const whole = compareAnswers(base, tuned, DRAWN, known ? { before: first, after: last } : undefined);
	const byFamily = (await oneByOne(compareByFamily(base, tuned, DRAWN))).sort(byGain);
	const byCheck = (await oneByOne(compareByCheck(base, tuned, DRAWN))).sort(byGain);
	return { step: after.step, whole, byFamily, byCheck, worse: changed(pairs, -1), better: changed(pairs, 1) };
}

/** Collects items, yielding to the page before each. */
async function oneByOne<T>(items: Iterable<T>): Promise<T[]> {
	const taken: T[] = [];
	await nextTask();
	for (const item of items) {
		taken.push(item);
		await nextTask();
	}
	return taken;
}

function byGain(a: GroupedComparison, b: GroupedComparison): number {
	return b.difference.score - a.difference.score;
}

/** Prompts whose score rose (1) or fell (−1), the largest change first. */
function changed(pairs: readonly AnswerPair[], direction: 1 | -1): readonly ChangedAnswer[] {
	const gain = (pair: AnswerPair): number => direction * (pair.after.score - pair.before.score);
	return pairs.filter((pair) => gain(pair) > 1e-9).sort((a, b) => gain(b) - gain(a));
}

/** Prompts without a family that are shown. */
const SHOWN_WITHOUT_FAMILY = 4;

/**
 * One prompt per family, or the first few without families, with its greedy answers at the first and the last two evaluated steps.
 *
 * @param until leaves out answers after this step
 */
export function answerCourses(results: readonly HeldOutResult[], until = Infinity): readonly AnswerCourse[] {
	const greedy = results
		.filter(({ mode, step }) => mode === 'greedy' && step <= until)
		.sort((a, b) => a.step - b.step);
	const first = greedy[0];
	if (first === undefined) return [];
	const shown = [first, ...greedy.slice(1).slice(-2)];
	const seen = new Set<string>();
	const courses: AnswerCourse[] = [];
	for (const [i, { prompt }] of first.answers.entries()) {
		const group = prompt.family ?? `none ${i % SHOWN_WITHOUT_FAMILY}`;
		if (seen.has(group)) continue;
		seen.add(group);
		const answers = shown.flatMap(({ step, answers: all }) => {
			const answer = all.find((other) => other.prompt.id === prompt.id);
			return answer === undefined ? [] : [{ step, answer }];
		});
		courses.push({ prompt, answers });
	}
	return courses;
}
