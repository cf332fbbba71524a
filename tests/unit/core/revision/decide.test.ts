import { expect, test } from 'vitest';
import { toWire } from '#core/errors.ts';
import type { Output } from '#core/output/output.ts';
import { revisionReply } from '#core/revision/request.ts';
import {
	canDecide,
	waitingRevision,
	withDecision,
	withEdit,
	withFailure,
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
