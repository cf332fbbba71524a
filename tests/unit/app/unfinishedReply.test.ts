/** Replies that did not end by themselves, from the model to the row. */
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { askReviser } from '#app/steps/askReviser.ts';
import { waitingRevision } from '#core/revision/decide.ts';
import { isUnfinished, withUnfinishedReply } from '#core/revision/ending.ts';
import { revisionReply } from '#core/revision/request.ts';
import { type Revision, revisionSchema } from '#core/revision/revision.ts';
import type { ChatReply } from '#core/ports.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';

const row = waitingRevision({
	id: 'a.o1',
	prompt: { id: 'a', text: 'Past of go?', family: null },
	text: 'goed',
	finishReason: 'stop',
	model: 'm',
	sampling: { temperature: 1, topP: 1, maxTokens: 8, seed: 1 },
	tokens: 2,
});
const text = revisionReply('Irregular.', 'wen');

it.each([
	['length', 'cut-off'],
	['filtered', 'filtered'],
] as const)(
	'a reply that ended by %s is rejected as %s and gives no text to train on',
	(finishReason, reason) => {
		const reply = { text, finishReason, ending: 'word' };
		expect(isUnfinished(reply)).toBe(true);
		const rejected = withUnfinishedReply({ ...row, revised: 'before' }, reply);
		expect(rejected).toMatchObject({
			state: 'rejected',
			reason,
			revised: null,
			rawReply: text,
			ending: 'word',
		});
		expect(v.parse(revisionSchema, JSON.parse(JSON.stringify(rejected)))).toEqual(rejected);
	},
);

it('a reply that ended otherwise fails with the endpoint’s word', () => {
	const failed = withUnfinishedReply(
		{ ...row, reviser: 'teacher' },
		{ text, finishReason: 'other', ending: 'abort' },
	);
	expect(failed).toMatchObject({
		state: 'failed',
		revised: null,
		rawReply: text,
		error: { code: 'reply-ended' },
	});
	expect(failed.error?.message).toBe('teacher did not finish its reply: it ended with “abort”.');
});

it('asking again clears the ending and the notes of the reply before', async () => {
	const ask = (reply: Omit<ChatReply, 'tokens' | 'tokenIds'>, before = row) =>
		askReviser(
			before,
			{ id: 'teacher', complete: () => Promise.resolve({ ...reply, tokens: 1, tokenIds: null }) },
			DEFAULT_RECIPE.reviser,
			1,
			new AbortController().signal,
			() => undefined,
		);
	const cut = await ask({ text, finishReason: 'length', ending: 'length', notes: ['No seed.'] });
	expect(cut).toMatchObject({ state: 'rejected', reason: 'cut-off', ending: 'length', notes: ['No seed.'] });
	const whole = await ask({ text: revisionReply('Irregular.', 'went'), finishReason: 'stop' }, cut);
	expect(whole).toMatchObject({ state: 'revised', revised: 'went', reason: null, attempts: 2 });
	expect(whole).not.toHaveProperty('ending');
	expect(whole).not.toHaveProperty('notes');
});

it.each(['length', 'filtered', 'other'] as const)(
	'a reply that ended by %s keeps no fact of the reply before',
	(finishReason) => {
		const before: Revision = {
			...row,
			detail: 'A sentence.',
			trimmed: ['preamble'],
			overruled: 'too-far',
			ending: 'old',
			notes: ['Old.'],
		};
		const after = withUnfinishedReply(before, { text, finishReason });
		for (const field of ['detail', 'trimmed', 'overruled', 'ending', 'notes'])
			expect(after).not.toHaveProperty(field);
	},
);

it('a request that fails leaves the earlier reply and its facts as they were', async () => {
	const before: Revision = {
		...row,
		state: 'revised',
		revised: 'went',
		trimmed: ['preamble'],
		notes: ['Old.'],
	};
	const failed = await askReviser(
		before,
		{ id: 'teacher', complete: () => Promise.reject(new Error('down')) },
		DEFAULT_RECIPE.reviser,
		1,
		new AbortController().signal,
		() => undefined,
	);
	expect(failed).toMatchObject({ state: 'failed', revised: 'went', trimmed: ['preamble'], notes: ['Old.'] });
});
