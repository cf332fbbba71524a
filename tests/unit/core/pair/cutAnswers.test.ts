import { expect, test } from 'vitest';
import { pairAsChat, tokenizePair, type TextTools } from '#core/batch/tokenize.ts';
import type { FinishReason, Output } from '#core/output/output.ts';
import { withOpenEnds } from '#core/pair/cutAnswers.ts';
import type { StageRows } from '#core/pair/methods/method.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Revision } from '#core/revision/revision.ts';
import { preferencePair } from '#tests/support/preferencePair.ts';

const output = (id: string, text: string, finishReason: FinishReason): Output => ({
	id,
	prompt: { id: 'p', text: 'Say it.', family: null },
	text,
	finishReason,
	model: 'm',
	sampling: { temperature: 1, topP: 1, maxTokens: 8, seed: 1 },
	tokens: 2,
});
const NOTHING: StageRows = { outputs: [], answers: [], revisions: [], judgements: [] };
const revision = (of: Output): Revision => ({ id: `${of.id}.r1`, output: of }) as Revision;

function pairOf(chosen: string, rejected: string, from: PreferencePair['from']): PreferencePair {
	return { ...preferencePair('p.p1', 'Say it.', chosen, rejected), from };
}

test('an edit of a cut answer is open like its answer, whatever its end', () => {
	const cut = output('p.o1', 'The owl, which sleeps by', 'length');
	const rows = { ...NOTHING, outputs: [cut], revisions: [revision(cut)] };
	const from = {
		chosen: { kind: 'revision', id: 'p.o1.r1' },
		rejected: { kind: 'output', id: 'p.o1' },
	} as const;
	const [kept, ended] = withOpenEnds(
		[
			pairOf('the owl, which sleeps by', cut.text, from),
			pairOf('The owl, which sleeps by day. The end.', cut.text, from),
		],
		rows,
	);
	expect(kept?.open).toEqual({ chosen: true, rejected: true });
	expect(ended?.open).toEqual({ chosen: true, rejected: true });
});

test('answers of other models count, and answers that ended by themselves leave the pair unchanged', () => {
	const [short, long] = [output('p.a1', 'Yes.', 'stop'), output('p.a2', 'Yes and then', 'length')];
	const from = { chosen: { kind: 'answer', id: 'p.a1' }, rejected: { kind: 'answer', id: 'p.a2' } } as const;
	const pair = pairOf('Yes.', 'Yes and then', from);
	expect(withOpenEnds([pair], { ...NOTHING, answers: [short, long] })[0]?.open).toEqual({
		chosen: false,
		rejected: true,
	});
	expect(withOpenEnds([pair], { ...NOTHING, answers: [short] })[0]).toBe(pair);
	const imported = preferencePair('q', 'a', 'b', 'c');
	expect(withOpenEnds([imported], { ...NOTHING, answers: [long] })[0]).toBe(imported);
});

/** Templates may trim a message, as Llama 3's does. */
const tools: TextTools = {
	tokenizer: {
		encode: (text) => Array.from(text, (c) => c.codePointAt(0) ?? 0),
		decode: (ids) => String.fromCodePoint(...ids),
	},
	eosToken: '$',
	renderChat: (messages, open) =>
		messages.map(({ role, content }) => `${role.charAt(0)}:${content.trim()}$\n`).join('') +
		(open ? 'a:' : ''),
};

test('an open side has the tokens of its text and none of the template’s end', () => {
	const pair = { ...preferencePair('p', 'hi', 'an end', 'no end '), open: { chosen: false, rejected: true } };
	const { chosenIds, rejectedIds } = tokenizePair('p', pairAsChat(pair), tools);
	expect([chosenIds, rejectedIds].map((ids) => tools.tokenizer.decode(ids))).toEqual(['an end$\n', 'no end']);
});
