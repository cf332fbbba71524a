import { describe, expect, test } from 'vitest';
import { judgeReply, judgeRequest, readJudgeRequest } from '#core/judgement/request.ts';
import { parseVerdict } from '#core/judgement/verdict.ts';

describe('a verdict is found in the forms that judges use', () => {
	test.each([
		['Both are right, A is shorter.\n\n[[A]]', 'A', 'brackets'],
		['[[B]]', 'B', 'brackets'],
		['My final verdict is tie: [[A=B]]', 'tie', 'brackets'],
		['My final verdict is: [[B>>A]]', 'B', 'brackets'],
		['[[A<B]]', 'B', 'brackets'],
		['Verdict: [[C]].', 'tie', 'brackets'],
		['[A]', 'A', 'brackets'],
		['The answer is $\\boxed{B}$.', 'B', 'brackets'],
		['At first [[A]] seems right.\nBut A has an error.\n[[B]]', 'B', 'brackets'],
		['```json\n{"explanation": "…", "winner": "B"}\n```', 'B', 'json'],
		['{"verdict":"tie"}', 'tie', 'json'],
		['{"preferred": "assistant_a"}', 'A', 'json'],
		['A', 'A', 'alone'],
		['**B**', 'B', 'alone'],
		['b', 'B', 'alone'],
		['The better one is A in grammar.\n\nAnswer B.', 'B', 'alone'],
		['Tie.', 'tie', 'alone'],
		['**Verdict:** **A** because it sorts the words.', 'A', 'label'],
		['Final verdict - Assistant B, which is complete.', 'B', 'label'],
		['The winner is the second answer, by far.', 'B', 'label'],
		['My verdict is a tie, as both are right.', 'tie', 'label'],
		['Preferred answer: 1 (complete)', 'A', 'label'],
		['In short, answer B is clearly better than answer A.', 'B', 'sentence'],
		['Response A was much better here.', 'A', 'sentence'],
		['I would prefer B because of its form.', 'B', 'sentence'],
		['The two answers are equally good.', 'tie', 'sentence'],
		['<think>[[A]]?</think>\nVerdict: [[B]]', 'B', 'brackets'],
	])('%j', (reply, pick, rule) => {
		expect(parseVerdict(reply)).toMatchObject({ pick, rule, unread: null });
	});
});

describe('a reply without a clear verdict is a value with its reason', () => {
	test.each([
		['', 'empty'],
		['<think>[[A]] or [[B]]', 'empty'],
		['I am sorry, I cannot compare these answers.', 'refusal'],
		['Both answers are about words. A good question!', 'no-verdict'],
		['"[[A]]" if A is better, "[[B]]" if B is better, "[[C]]" for a tie', 'no-verdict'],
		['Answer A is not better, and answer B has a mistake.', 'no-verdict'],
		['The choice of words is a matter of taste here.', 'no-verdict'],
		['asdf', 'no-verdict'],
	])('%j', (reply, unread) => {
		expect(parseVerdict(reply)).toMatchObject({ pick: null, unread });
	});
});

test('scores are read where both are given', () => {
	expect(parseVerdict('Score A: 7/10\nScore B: 4/10\n[[A]]').scores).toEqual({ a: 7, b: 4 });
	expect(parseVerdict('**Score for assistant A:** 7.5 … **Score for assistant B:** 8 [[B]]').scores).toEqual({
		a: 7.5,
		b: 8,
	});
	expect(parseVerdict('Score A: 7 [[A]]').scores).toBeNull();
});

test('a request reads back, and the embedded judge’s reply too', () => {
	const task = { prompt: 'Sort these words: b a.', a: 'a, b.\nYes.', b: 'b, a.' };
	expect(readJudgeRequest(judgeRequest(task))).toEqual(task);
	expect(readJudgeRequest([{ role: 'user', content: 'Hello' }])).toBeNull();
	expect(parseVerdict(judgeReply('B is right.', { a: -0.25, b: 1 }, 'B'))).toEqual({
		pick: 'B',
		rule: 'brackets',
		unread: null,
		scores: { a: -0.25, b: 1 },
	});
	expect(parseVerdict(judgeReply('Equal.', { a: 1, b: 1 }, 'tie')).pick).toBe('tie');
});
