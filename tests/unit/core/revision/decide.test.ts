import * as v from 'valibot';
import { expect, test } from 'vitest';
import { toWire } from '#core/errors.ts';
import type { Output } from '#core/output/output.ts';
import { revisionReply } from '#core/revision/request.ts';
import { revisionSchema } from '#core/revision/revision.ts';
import {
	canDecide,
	offeredText,
	waitingRevision,
	withDecision,
	withEdit,
	withFailure,
	withOverrule,
	withReply,
} from '#core/revision/decide.ts';

const output: Output = {
	id: 'p.o1',
	prompt: { id: 'p', text: 'Give the past tense of “go”.', family: null },
	text: 'goed',
	finishReason: 'stop',
	model: 'm',
	sampling: { temperature: 1, topP: 1, maxTokens: 8, seed: 1 },
	tokens: 2,
};
const waiting = waitingRevision(output);

test('a usable reply is a revision with its measures', () => {
	const row = withReply(waiting, revisionReply('Irregular.', 'went'));
	expect(row).toMatchObject({ state: 'revised', revised: 'went', reasoning: 'Irregular.', reason: null });
	expect(row.measures?.levenshtein).toBe(4);
	expect(row.rawReply).toContain('{corrected_student_solution}');
});

test('an unusable reply is kept raw, and a second reply can become the revision', () => {
	const row = withReply(waiting, 'Well done.');
	expect(row).toMatchObject({
		state: 'rejected',
		reason: 'no-marker',
		rawReply: 'Well done.',
		revised: null,
	});
	expect(withReply(row, revisionReply('x', 'went'))).toMatchObject({ state: 'revised', reason: null });
});

test('a failed request keeps the earlier revision beside its error', () => {
	const error = toWire(new Error('down'));
	const row = withFailure(withReply(waiting, revisionReply('x', 'went')), error);
	expect(row).toMatchObject({ state: 'failed', revised: 'went', error });
	expect(withReply(row, revisionReply('x', 'went')).error).toBeNull();
});

test('a person’s own text counts as the revision; an empty or unchanged text does not', () => {
	expect(withEdit(waiting, ' went ')).toMatchObject({ state: 'edited', revised: 'went', rule: 'by-hand' });
	expect(withEdit(waiting, '  ')).toBe(waiting);
	expect(withEdit(waiting, 'goed')).toBe(waiting);
	expect(withEdit(waiting, 'a'.repeat(300_000))).toBe(waiting);
	expect(withEdit(waiting, 'a'.repeat(20_000))).toMatchObject({ state: 'edited' });
	const failed = withFailure(waiting, toWire(new Error('down')));
	expect(withEdit(failed, 'went')).toMatchObject({ state: 'edited', error: null });
});

test('only a row with a revision can be decided', () => {
	expect(canDecide(waiting)).toBe(false);
	expect(withDecision(waiting, 'accepted')).toBe(waiting);
	const row = withReply(waiting, revisionReply('x', 'went'));
	expect(withDecision(row, 'set-aside').state).toBe('set-aside');
	expect(withDecision(withDecision(row, 'set-aside'), 'accepted').state).toBe('accepted');
});

test('a person can use the text of a rejected reply, and the row keeps the reason', () => {
	const rejected = withReply(waiting, revisionReply('Irregular.', 'Sorry, I cannot help with that.'));
	expect(rejected).toMatchObject({ state: 'rejected', reason: 'refusal', revised: null });
	expect(rejected.detail).toContain('Sorry, I cannot');
	expect(offeredText(rejected)?.revised).toBe('Sorry, I cannot help with that.');
	const used = withOverrule(rejected);
	expect(used).toMatchObject({
		state: 'accepted',
		revised: 'Sorry, I cannot help with that.',
		reasoning: 'Irregular.',
		reason: null,
		overruled: 'refusal',
	});
	expect(used.measures).not.toBeNull();
	expect(v.parse(revisionSchema, JSON.parse(JSON.stringify(used)))).toEqual(used);
	const again = withReply(used, revisionReply('x', 'went'));
	expect(again).toMatchObject({ state: 'revised', revised: 'went' });
	expect(again.overruled).toBeUndefined();
	expect(withEdit(used, 'went').overruled).toBeUndefined();
});

test('a row keeps the parts that were removed around its text', () => {
	const row = withReply(waiting, revisionReply('x', '"went"\n\nLet me know if you want more.'));
	expect(row).toMatchObject({ revised: 'went', trimmed: ['remark', 'quotes'] });
	expect(v.parse(revisionSchema, JSON.parse(JSON.stringify(row)))).toEqual(row);
});

test('a row without a text in its reply, or without a rejection, has nothing to overrule', () => {
	const identical = withReply(waiting, revisionReply('x', 'goed'));
	const marked = withReply(waiting, 'Well done.');
	const revised = withReply(waiting, revisionReply('x', 'went'));
	for (const row of [waiting, identical, marked, revised]) {
		expect(offeredText(row)).toBeNull();
		expect(withOverrule(row)).toBe(row);
	}
});
