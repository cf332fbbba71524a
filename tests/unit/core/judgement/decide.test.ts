import { describe, expect, test } from 'vitest';
import {
	type Comparison,
	judgementRequests,
	preference,
	readAsked,
	waitingJudgement,
	withJudgeFailure,
	withReplies,
} from '#core/judgement/decide.ts';
import type { Judgement } from '#core/judgement/judgement.ts';
import { readJudgeRequest } from '#core/judgement/request.ts';
import { judgeAccuracy, longerPreferred, positionBias } from '#core/judgement/summary.ts';
import { toWire } from '#core/errors.ts';

const PROMPT = { id: 'w-00000001', text: 'Sort these words: pear grape mango.', family: 'sorting' };
const answer = (text: string, n: number) => ({
	kind: 'output' as const,
	id: `${PROMPT.id}.o${n}`,
	text,
	model: 'm',
});
const comparison = (first: string, second: string): Comparison => ({
	prompt: PROMPT,
	first: answer(first, 1),
	second: answer(second, 2),
});
const GOOD = 'grape, mango, pear.';
const BAD = 'pear, grape, mango, and more words.';
const row = waitingJudgement(comparison(GOOD, BAD));
const judged = (one: string, other: string): Judgement =>
	withReplies(row, [
		readAsked({ text: one, finishReason: 'stop' }, false),
		readAsked({ text: other, finishReason: 'stop' }, true),
	]);

test('the two requests swap the positions', () => {
	const tasks = judgementRequests(row).map(readJudgeRequest);
	expect(tasks).toMatchObject([
		{ a: GOOD, b: BAD },
		{ a: BAD, b: GOOD },
	]);
});

describe('the two replies together', () => {
	test.each([
		['[[A]]', '[[B]]', 'first', null],
		['[[B]]', '[[A]]', 'second', null],
		['[[A]]', '[[A]]', 'tie', 'position'],
		['[[B]]', '[[B]]', 'tie', 'position'],
		['[[C]]', '[[C]]', 'tie', 'both-tie'],
		['[[A]]', '[[C]]', 'tie', 'one-tie'],
	])('%s then %s: %s', (one, other, verdict, tie) => {
		expect(judged(one, other)).toMatchObject({ state: 'judged', verdict, tie });
	});

	test('a reply in no known form makes the row unread, with both replies kept', () => {
		const unread = judged('[[A]]', 'Well, who knows.');
		expect(unread).toMatchObject({ state: 'unread', verdict: null });
		expect(unread.asked.map(({ unread: reason }) => reason)).toEqual([null, 'no-verdict']);
		expect(preference(unread)).toBeNull();
	});

	test('a reply that was cut off counts if its verdict is there', () => {
		expect(readAsked({ text: 'Let me think', finishReason: 'length' }, false).unread).toBe('cut-off');
		expect(readAsked({ text: '[[A]] because', finishReason: 'length' }, false).verdict).toBe('first');
	});

	test('scores belong to the answers, not to the positions', () => {
		const { asked } = judged('Score A: 9 Score B: 3 [[A]]', 'Score A: 2 Score B: 8 [[B]]');
		expect(asked.map(({ scores }) => scores)).toEqual([
			{ first: 9, second: 3 },
			{ first: 8, second: 2 },
		]);
	});

	test('a failed row has no verdict', () => {
		const failed = withJudgeFailure(judged('[[A]]', '[[B]]'), toWire(new Error('down')));
		expect(failed).toMatchObject({ state: 'failed', verdict: null, tie: null });
	});
});

test('equal answers are a tie without a request', () => {
	expect(waitingJudgement(comparison(GOOD, GOOD))).toMatchObject({
		state: 'judged',
		verdict: 'tie',
		tie: 'equal',
	});
});

test('a judge that always picks the first is counted', () => {
	const rows = [judged('[[A]]', '[[A]]'), judged('[[A]]', '[[A]]'), judged('[[A]]', '[[C]]')];
	expect(positionBias(rows)).toEqual({ first: 5, picks: 5 });
	expect(positionBias([judged('[[A]]', '[[B]]')])).toEqual({ first: 1, picks: 2 });
	expect(rows.every((one) => preference(one) === null)).toBe(true);
});

test('accuracy by the rubric and the share of longer answers', () => {
	expect(judgeAccuracy([judged('[[A]]', '[[B]]'), judged('[[B]]', '[[A]]')])).toEqual({
		right: 1,
		decided: 2,
	});
	expect(longerPreferred([judged('[[B]]', '[[A]]')])).toEqual({ longer: 1, decided: 1 });
	const own = waitingJudgement({ ...comparison(GOOD, BAD), prompt: { ...PROMPT, text: 'Hello?' } });
	expect(judgeAccuracy([{ ...own, state: 'judged', verdict: 'first' }])).toBeNull();
});
