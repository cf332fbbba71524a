/** A judgement's states: waiting → asking → judged | unread | failed. Pure. */
import type { WireError } from '../errors.ts';
import type { FinishReason, Message } from '../output/output.ts';
import type { Prompt } from '../prompt/prompt.ts';
import {
	type Asked,
	type ComparedAnswer,
	type Judgement,
	judgementId,
	type TieReason,
	type UnreadReason,
	type Verdict,
} from './judgement.ts';
import { judgeRequest } from './request.ts';
import { parseVerdict, type Pick } from './verdict.ts';

/** Two answers to one prompt that a judge is to compare. */
export interface Comparison {
	prompt: Prompt;
	first: ComparedAnswer;
	second: ComparedAnswer;
}

/** The row before the first request. Two equal answers are a tie, and no judge is asked. */
export function waitingJudgement({ prompt, first, second }: Comparison): Judgement {
	const equal = first.text === second.text;
	return {
		id: judgementId(prompt.id),
		prompt,
		first,
		second,
		state: equal ? 'judged' : 'waiting',
		verdict: equal ? 'tie' : null,
		tie: equal ? 'equal' : null,
		asked: [],
		judge: '',
		attempts: 0,
		error: null,
	};
}

/** The two requests of a row: with the first answer in front, then with the second. */
export function judgementRequests({ prompt, first, second }: Comparison): readonly Message[][] {
	return [
		judgeRequest({ prompt: prompt.text, a: first.text, b: second.text }),
		judgeRequest({ prompt: prompt.text, a: second.text, b: first.text }),
	];
}

/** Reasons of replies without a verdict that ended before their end. */
const UNFINISHED: Partial<Record<FinishReason, UnreadReason>> = { length: 'cut-off', filtered: 'filtered' };

/** One reply as it was read; `swapped` if the second answer was in front. */
export function readAsked(reply: { text: string; finishReason: FinishReason }, swapped: boolean): Asked {
	const { pick, rule, unread, scores } = parseVerdict(reply.text);
	const [first, second] = swapped ? [scores?.b, scores?.a] : [scores?.a, scores?.b];
	return {
		swapped,
		rawReply: reply.text,
		verdict: pick === null ? null : verdictOf(pick, swapped),
		rule,
		// A reply that was cut off after its verdict is usable.
		unread: unread === null ? null : (UNFINISHED[reply.finishReason] ?? unread),
		...(first === undefined || second === undefined ? {} : { scores: { first, second } }),
	};
}

function verdictOf(pick: Pick, swapped: boolean): Verdict {
	if (pick === 'tie') return 'tie';
	return (pick === 'A') === swapped ? 'second' : 'first';
}

/** The row with both replies: judged, or unread if one has no verdict. */
export function withReplies(row: Judgement, asked: readonly [Asked, Asked]): Judgement {
	const answered = { ...row, asked: [...asked], error: null };
	const [one, other] = asked;
	if (one.verdict === null || other.verdict === null)
		return { ...answered, state: 'unread', verdict: null, tie: null };
	const tie = tieOf(one.verdict, other.verdict);
	return { ...answered, state: 'judged', verdict: tie === null ? one.verdict : 'tie', tie };
}

function tieOf(one: Verdict, other: Verdict): TieReason | null {
	if (one === other) return one === 'tie' ? 'both-tie' : null;
	return one === 'tie' || other === 'tie' ? 'one-tie' : 'position';
}

/** The row with the error of its request. */
export function withJudgeFailure(row: Judgement, error: WireError): Judgement {
	return { ...row, state: 'failed', verdict: null, tie: null, error };
}

/** The answers by verdict; null for a tie and for a row without a verdict. */
export function preference({
	verdict,
	first,
	second,
}: Judgement): { chosen: ComparedAnswer; rejected: ComparedAnswer } | null {
	if (verdict === 'first') return { chosen: first, rejected: second };
	if (verdict === 'second') return { chosen: second, rejected: first };
	return null;
}
