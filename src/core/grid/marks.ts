/** Signs of a broken model, in words: a score alone does not show that a model writes nothing, or the same words for ever. */
import type { HeldOutResult } from '../evaluation/evaluation.ts';
import { fixed, percent } from '../text/numbers.ts';
import { withoutLoops } from '../world/instructions/text/loops.ts';

/** From this share of the greedy held-out answers on, more than before training, a fault is a mark. */
const MARKED_SHARE = 0.05;
/** Fall of the chosen answers' log-probability from which on they count as out of range, nats per token: e times less likely. */
const MARKED_FALL = 1;

/** Faults of an answer that a mark counts. */
const FAULTS: readonly { words: string; has: (text: string) => boolean }[] = [
	{ words: 'are empty', has: (text) => text.trim() === '' },
	{ words: 'repeat themselves', has: (text) => withoutLoops(text).phrase !== null },
];

export interface MarkedRun {
	/** Greedy results. */
	readonly before: Pick<HeldOutResult, 'answers'>;
	readonly after: Pick<HeldOutResult, 'answers'>;
	/** Mean log-ratio of the chosen answers at the end, nats. */
	readonly chosenLogRatio: number;
	/** Mean tokens of an answer; null if unknown. */
	readonly answerTokens: number | null;
}

/** @returns for example "12% of its answers repeat themselves (2% before)"; empty if nothing is odd */
export function brokenMarks({ before, after, chosenLogRatio, answerTokens }: MarkedRun): readonly string[] {
	const marks = FAULTS.flatMap(({ words, has }) => {
		const [first, last] = [before, after].map(({ answers }) => shareOf(answers, has));
		if (first === undefined || last === undefined || last < MARKED_SHARE || last < first + MARKED_SHARE)
			return [];
		return [`${percent(last)} of its answers ${words} (${percent(first)} before)`];
	});
	const perToken = answerTokens === null ? 0 : -chosenLogRatio / Math.max(1, answerTokens);
	// The comparison is false for NaN, which is a mark of its own.
	if (Number.isNaN(chosenLogRatio)) return [...marks, 'its rewards are not numbers'];
	if (perToken < MARKED_FALL) return marks;
	return [...marks, `the chosen answers became ${fixed(perToken, 1)} nats per token less likely`];
}

function shareOf(answers: readonly { text: string }[], has: (text: string) => boolean): number {
	return answers.length === 0 ? 0 : answers.filter(({ text }) => has(text)).length / answers.length;
}
