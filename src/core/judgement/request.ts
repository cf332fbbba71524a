/**
 * The request to a judge: one user message with the prompt and two answers, A and B, in the manner of MT-Bench's pairwise
 * judge. The judge explains, may score both answers, and ends with `[[A]]`, `[[B]]` or `[[C]]` for a tie.
 *
 * @source Zheng et al. 2023, "Judging LLM-as-a-Judge with MT-Bench and Chatbot Arena" (arXiv 2306.05685), figure 5
 */
import type { Message } from '../output/output.ts';

const HEAD =
	'Please act as an impartial judge and compare the answers of two assistants to the question below. Choose the answer ' +
	'that does what the question asks and is more correct, more helpful and clearer. The order of the answers and their ' +
	'length must not influence you. First explain your comparison in a few sentences. Then score both answers, on one line ' +
	'each: Score A: 7 and Score B: 4, from 0 to 10. At the end write your verdict in exactly this form: "[[A]]" if the answer ' +
	'of assistant A is better, "[[B]]" if the answer of assistant B is better, or "[[C]]" for a tie.';
const QUESTION = '\n\n[The Question]\n';
const START_A = '\n\n[The Start of Assistant A’s Answer]\n';
const BETWEEN = '\n[The End of Assistant A’s Answer]\n\n[The Start of Assistant B’s Answer]\n';
const END = '\n[The End of Assistant B’s Answer]';

/** A comparison as the judge sees it. */
export interface JudgeTask {
	prompt: string;
	/** The answer that is shown first, as assistant A. */
	a: string;
	b: string;
}

export function judgeRequest({ prompt, a, b }: JudgeTask): Message[] {
	return [{ role: 'user', content: HEAD + QUESTION + prompt + START_A + a + BETWEEN + b + END }];
}

/** For the embedded judge: reads a request of {@link judgeRequest}; null for any other text. */
export function readJudgeRequest(messages: readonly Message[]): JudgeTask | null {
	const content = messages.findLast(({ role }) => role === 'user')?.content ?? '';
	if (!content.startsWith(HEAD + QUESTION) || !content.endsWith(END)) return null;
	const middle = content.slice(HEAD.length + QUESTION.length, content.length - END.length);
	const start = middle.indexOf(START_A);
	const border = middle.indexOf(BETWEEN, start);
	if (start < 0 || border < 0) return null;
	return {
		prompt: middle.slice(0, start),
		a: middle.slice(start + START_A.length, border),
		b: middle.slice(border + BETWEEN.length),
	};
}

/** For the embedded judge: writes a reply in the requested form. */
export function judgeReply(
	explanation: string,
	scores: { a: number; b: number },
	verdict: 'A' | 'B' | 'tie',
): string {
	const lines = [`Score A: ${scores.a.toFixed(2)}`, `Score B: ${scores.b.toFixed(2)}`];
	return [explanation, ...lines, `Verdict: [[${verdict === 'tie' ? 'C' : verdict}]]`].join('\n');
}
