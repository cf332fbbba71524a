/** Properties of a judge by its judgements: position bias, and agreement with the rubric. Pure. */
import { scoreAnswer } from '../world/registry.ts';
import type { Judgement } from './judgement.ts';

/** How often the judge picked the answer that it saw first, among its replies that pick one. */
export interface PositionBias {
	first: number;
	picks: number;
}

export function positionBias(rows: readonly Judgement[]): PositionBias {
	const picks = rows.flatMap(({ asked }) =>
		asked.flatMap(({ verdict, swapped }) =>
			verdict === null || verdict === 'tie' ? [] : [(verdict === 'first') !== swapped],
		),
	);
	return { first: picks.filter(Boolean).length, picks: picks.length };
}

/** Fewer picks say nothing about a bias. */
const FEWEST_PICKS = 20;

/** True if the judge picks one position far more often than chance, which picks each in half of the replies. */
export function decidesByPosition({ first, picks }: PositionBias): boolean {
	return picks >= FEWEST_PICKS && Math.abs(first / picks - 0.5) > 0.2;
}

/**
 * How often the judge preferred the answer with the higher score by the rubric, among the decided rows whose answers score
 * differently. Null if no prompt has a rubric.
 */
export function judgeAccuracy(rows: readonly Judgement[]): { right: number; decided: number } | null {
	let [scored, right, decided] = [false, 0, 0];
	for (const { prompt, first, second, verdict } of rows) {
		if (verdict === null || verdict === 'tie') continue;
		const [one, other] = [first, second].map(({ text }) => scoreAnswer(prompt.text, text)?.score);
		if (one === undefined || other === undefined) continue;
		scored = true;
		if (one === other) continue;
		decided++;
		if (one > other === (verdict === 'first')) right++;
	}
	return scored ? { right, decided } : null;
}

/** How often the preferred answer has more words, among the decided rows whose answers differ in length. */
export function longerPreferred(rows: readonly Judgement[]): { longer: number; decided: number } {
	let [longer, decided] = [0, 0];
	for (const { first, second, verdict } of rows) {
		const difference = wordCount(first.text) - wordCount(second.text);
		if (verdict === null || verdict === 'tie' || difference === 0) continue;
		decided++;
		if (difference > 0 === (verdict === 'first')) longer++;
	}
	return { longer, decided };
}

function wordCount(text: string): number {
	return text.trim().split(/\s+/).length;
}
