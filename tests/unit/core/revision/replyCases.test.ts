/**
 * The right value of every reply in tests/fixtures/cases/D-replies.txt. The replies have the forms that models
 * write; the texts are made up.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseReply } from '#core/revision/replyParser.ts';
import type { RejectionReason } from '#core/revision/revision.ts';

const CASE =
	/^### (?<id>\S+) .*\nORIGINAL: (?<original>[\s\S]*?)\n---reply---\n(?<reply>[\s\S]*?)---end---/gm;
const cases = new Map(
	[...readFileSync('tests/fixtures/cases/D-replies.txt', 'utf8').matchAll(CASE)].map(({ groups }) => [
		groups?.['id'] ?? '',
		{ original: groups?.['original'] ?? '', reply: groups?.['reply'] ?? '' },
	]),
);

const SPIDER = 'A spider has eight legs and it lives in a web.';

/** The text to take, or the reason of the rejection; with the reason for values that are a choice. */
const RIGHT: Readonly<Record<string, string | { reason: RejectionReason; why?: string }>> = {
	D1: SPIDER,
	D1b: SPIDER,
	D2: SPIDER,
	D2b: SPIDER,
	D2c: SPIDER,
	D2d: SPIDER,
	D2e: SPIDER,
	D2f: '```js\nlet a = 2;\n```',
	D2g: SPIDER,
	D2h: SPIDER,
	D3: SPIDER,
	D3b: SPIDER,
	D3c: SPIDER,
	D3d: SPIDER,
	D4: SPIDER,
	D4b: SPIDER,
	D4c: SPIDER,
	D4d: SPIDER,
	D4e: SPIDER,
	D4f: SPIDER,
	D4g: SPIDER,
	D5: SPIDER,
	D5b: SPIDER,
	D5c: SPIDER,
	D5d: SPIDER,
	D5e: SPIDER,
	D5f: SPIDER,
	D5g: SPIDER,
	D6: { reason: 'no-marker', why: 'nothing marks the text behind the thinking; it is offered to the person' },
	D6b: { reason: 'no-marker' },
	D6c: SPIDER,
	D6d: SPIDER,
	D6f: SPIDER,
	D6g: SPIDER,
	D7: { reason: 'refusal' },
	D7b: { reason: 'refusal' },
	D7c: { reason: 'unchanged' },
	D7d: { reason: 'unchanged' },
	D7e: { reason: 'unchanged' },
	D7f: { reason: 'refusal' },
	D8: 'Dear Mr Lund, I have corrected the invoice and sent it again.',
	D8b: 'Please sign the revised version of the contract by Friday.',
	D8c: 'With this correction lens the telescope sees sharply.',
	D8d: "A rubric helps the teacher to grade the student's answer fairly.",
	D8e: 'She works as an AI engineer in Oslo.',
	D8f: "We are sorry that the lamp came broken and that you can't use it. A new one is on its way.",
	D9: { reason: 'spacing', why: 'a pair would teach only the line break' },
	D9b: { reason: 'spacing' },
	D10: {
		reason: 'too-long',
		why: 'thirty times the length is a new answer, and no setting bounds the length',
	},
	// Both drafts are the same text, so there is nothing to choose.
	D11: SPIDER,
	D11b: { reason: 'several' },
	D12: {
		reason: 'no-marker',
		why: 'the text shares no word with the answer, so nothing tells that it is one',
	},
	D13: SPIDER,
	D13b: SPIDER,
	// The label names the solution in other words, in the requested braces.
	D14: SPIDER,
};

test('every case has its right value', () => {
	expect([...cases.keys()].sort()).toEqual(Object.keys(RIGHT).sort());
});

describe.each(Object.entries(RIGHT))('%s', (id, right) => {
	const { original, reply } = cases.get(id) ?? { original: '', reply: '' };
	test(typeof right === 'string' ? 'is taken' : `is rejected: ${right.reason}`, () => {
		const parsed = parseReply(reply, original);
		if (typeof right === 'string') expect(parsed).toMatchObject({ ok: true, revised: right });
		else expect(parsed).toMatchObject({ ok: false, reason: right.reason });
	});

	test('reads the same with Windows line ends', () => {
		const parsed = parseReply(reply.replaceAll('\n', '\r\n'), original);
		expect(parsed).toEqual(parseReply(reply, original));
	});
});

test('a rejection names its evidence', () => {
	const detail = (id: string): string => {
		const { original, reply } = cases.get(id) ?? { original: '', reply: '' };
		const parsed = parseReply(reply, original);
		return parsed.ok ? '' : parsed.detail;
	};
	expect(detail('D12')).toContain('{corrected_student_solution}');
	expect(detail('D12')).toContain('{solución_corregida_del_estudiante}');
	expect(detail('D7c')).toContain('No changes');
	expect(detail('D10')).toContain('30 times');
	expect(detail('D6b')).toContain('thinking');
});
