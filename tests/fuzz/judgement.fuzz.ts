/** Properties of the functions that read a judge's reply and a name of the embedded cast. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as v from 'valibot';
import { castMember } from '#core/cast/registry.ts';
import { readAsked, waitingJudgement, withReplies } from '#core/judgement/decide.ts';
import { judgementSchema } from '#core/judgement/judgement.ts';
import { judgeRequest, readJudgeRequest } from '#core/judgement/request.ts';
import { parseVerdict } from '#core/judgement/verdict.ts';
import { type FuzzTarget, target } from './target.ts';

const PART = fc.oneof(
	fc.constantFrom(
		...['[[A]]', '[[B]]', '[[C]]', '[A', 'A]]', '[[A>>B]]', '\\boxed{A}', '{"winner": "', '"verdict":"B"'],
		...[
			'Verdict: ',
			'The winner is ',
			'assistant ',
			'answer ',
			'A',
			'B',
			'is better',
			'is clearly ',
			'a tie',
		],
		...[
			'Score A: 7',
			'Score B: -',
			'<think>',
			'</think>',
			'\n',
			'**',
			'. ',
			'I prefer ',
			'I am sorry',
			'“',
			'\uD83D',
		],
	),
	fc.string({ maxLength: 12 }),
);
const reply = fc.array(PART, { maxLength: 24 }).map((parts) => parts.join(''));
const answer = (text: string, n: number) => ({ kind: 'output' as const, id: `p.o${n}`, text, model: 'm' });

export const targets: FuzzTarget[] = [
	target('a judge’s reply gives a pick with its rule, or a reason', reply, (text) => {
		const { pick, rule, unread } = parseVerdict(text);
		assert.equal(pick === null, rule === null);
		assert.equal(pick === null, unread !== null);
	}),
	target('a judgement with any two replies is valid', fc.tuple(reply, reply), ([one, other]) => {
		const prompt = { id: 'p', text: 'Describe it.', family: null };
		const row = waitingJudgement({ prompt, first: answer('x', 1), second: answer('y', 2) });
		const read = (text: string, swapped: boolean) => readAsked({ text, finishReason: 'stop' }, swapped);
		const judged = withReplies(row, [read(one, false), read(other, true)]);
		v.parse(judgementSchema, JSON.parse(JSON.stringify(judged)));
		assert.equal(judged.verdict === 'tie', judged.tie !== null);
		assert.equal(judged.state === 'unread', judged.verdict === null);
	}),
	target('a judge’s request reads back', fc.tuple(reply, reply, reply), ([prompt, a, b]) => {
		assert.deepEqual(readJudgeRequest(judgeRequest({ prompt, a, b })), { prompt, a, b });
	}),
	target(
		'a name of the cast gives a model or a sentence',
		fc
			.tuple(
				fc.constantFrom('embedded-judge', 'embedded-stronger', 'toString'),
				fc.array(fc.constantFrom(':', 'noise', '=', ',', '0.5', 'manner', 'own', '1e9', '__proto__'), {
					maxLength: 8,
				}),
			)
			.map(([id, parts]) => `${id}${parts.join('')}`),
		(name) => {
			const member = castMember(name);
			if (member !== null && 'problem' in member) assert.match(member.problem, /\.$/);
		},
	),
];
