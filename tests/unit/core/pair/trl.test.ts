import { describe, expect, test } from 'vitest';
import { readPairs } from '#core/pair/importPairs.ts';
import { readPairRow } from '#core/pair/trl.ts';
import { isFault } from '#core/prompt/fault.ts';

/** The texts of a row, or the reason why there are none. */
function readSides(row: object) {
	const read = readPairRow(row);
	return isFault(read) ? read.reason : read.sides;
}

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });

describe('every shape of a row', () => {
	test('explicit prompt, texts', () => {
		const row = { prompt: 'a', chosen: 'b', rejected: 'c' };
		expect(readSides(row)).toEqual({ form: 'text', ...row });
	});

	test('explicit prompt, messages', () => {
		const row = { prompt: [user('a')], chosen: [assistant('b')], rejected: [assistant('c')] };
		expect(readSides(row)).toEqual({ form: 'chat', ...row });
	});

	test('implicit prompt, messages: what both sides share at the start', () => {
		const chosen = [user('a'), assistant('x'), user('b'), assistant('c')];
		const rejected = [user('a'), assistant('x'), user('b'), assistant('d')];
		expect(readSides({ chosen, rejected })).toEqual({
			form: 'chat',
			prompt: chosen.slice(0, 3),
			chosen: [assistant('c')],
			rejected: [assistant('d')],
		});
	});

	test('without a prompt, letters that two texts share are no prompt', () => {
		for (const [chosen, rejected] of [
			['The sky is blue.', 'The sky is green.'],
			['Rome', 'Rome is a city in France.'],
			['same', 'same'],
		])
			expect(readSides({ chosen, rejected })).toMatch(/^no prompt/);
	});

	test('the mixed shape of the authors: prompt a text, sides the whole conversation', () => {
		const row = {
			prompt: 'a',
			chosen: [user('a'), assistant('b')],
			rejected: [user('a'), assistant('c')],
			rational: 'because',
		};
		expect(readSides(row)).toEqual({
			form: 'chat',
			prompt: [user('a')],
			chosen: [assistant('b')],
			rejected: [assistant('c')],
		});
	});

	test('a prompt as text with sides of one answer each, and the other way round', () => {
		const expected = {
			form: 'chat',
			prompt: [user('a')],
			chosen: [assistant('b')],
			rejected: [assistant('c')],
		};
		expect(readSides({ prompt: 'a', chosen: [assistant('b')], rejected: [assistant('c')] })).toEqual(
			expected,
		);
		expect(readSides({ prompt: [user('a')], chosen: 'b', rejected: 'c' })).toEqual(expected);
	});
});

describe('a row of another form is refused by its field', () => {
	test.each([
		[{ prompt: 'a', rejected: 'c' }, /"chosen" is missing/],
		[{ prompt: 'a', x: 1 }, /"chosen" is missing; the row has “prompt”, “x”/],
		[{ prompt: 'a', chosen: 'b', rejected: 3 }, /“rejected”: number, not a text/],
		[
			{ prompt: [user('a'), 'b'], chosen: 'b', rejected: 'c' },
			/“prompt”: a list has an entry that is no message/,
		],
		[{ chosen: [], rejected: [assistant('c')] }, /“chosen”: a list is empty/],
		[{ chosen: 'b', rejected: [assistant('c')] }, /^no prompt/],
		[{ chosen: [assistant('b')], rejected: [assistant('c')] }, /^no prompt/],
		[{ chosen: [{ role: 'tool', content: 'x' }], rejected: [assistant('c')] }, /“chosen”: .* role “tool”/],
		[
			{ prompt: 'a', chosen: [{ role: 'assistant', content: null, tool_calls: [{}] }], rejected: 'c' },
			/“chosen”: a message calls a tool/,
		],
		[
			{ prompt: [{ role: 'user', content: [{ type: 'image', url: 'x' }] }], chosen: 'b', rejected: 'c' },
			/“prompt”: a message has a part that is no text \(image\)/,
		],
	])('%j', (row, message) => {
		expect(readSides(row)).toMatch(message);
	});
});

describe('other names of the same columns', () => {
	const expected = { prompt: 'q', chosen: 'a', rejected: 'b' };
	test.each([
		[{ question: 'q', chosen: 'a', rejected: 'b' }],
		[{ Instruction: 'q', input: null, chosen: 'a', rejected: 'b' }],
		[{ query: 'q', response_chosen: 'a', response_rejected: 'b' }],
		[{ prompt: null, input: 'q', chosen: 'a', rejected: 'b', completion: null, label: null }],
		[{ userPrompt: 'q', 'Chosen Response': 'a', 'Rejected-Response': 'b' }],
	])('%j', (row) => {
		expect(readSides(row)).toEqual({ form: 'text', ...expected });
	});

	test('a system column, Alpaca’s input and Dolly’s context are joined to the question', () => {
		const sides = { chosen: 'a', rejected: 'b' };
		expect(readSides({ system: 's', question: 'q', ...sides })).toMatchObject({ prompt: 's\n\nq' });
		expect(readSides({ instruction: 'q', input: 'i', ...sides })).toMatchObject({ prompt: 'q\n\ni' });
		expect(readSides({ question: 'q', context: 'c', ...sides })).toMatchObject({ prompt: 'q\n\nc' });
		expect(readSides({ prompt: 'q', input: 'i', ...sides })).toMatchObject({ prompt: 'q' });
	});

	test('OpenAI’s preference form', () => {
		const row = {
			input: { messages: [user('q')] },
			preferred_output: [assistant('a')],
			non_preferred_output: [assistant('b')],
		};
		expect(readSides(row)).toEqual({
			form: 'chat',
			prompt: [user('q')],
			chosen: [assistant('a')],
			rejected: [assistant('b')],
		});
	});

	test('a list beside whole conversations is not their prompt', () => {
		const [chosen, rejected] = [
			[user('q'), assistant('a')],
			[user('q'), assistant('b')],
		];
		expect(readSides({ chosen, rejected, messages: chosen })).toMatchObject({ prompt: [user('q')] });
	});
});

describe('labels of labelled answers', () => {
	test.each([
		[true, true],
		[1, true],
		['True', true],
		[' false', false],
		['0', false],
		[0, false],
	])('%j is %j', (label, expected) => {
		expect(readPairRow({ prompt: 'q', completion: 'a', label })).toMatchObject({
			kind: 'answer',
			label: expected,
		});
	});

	test.each(['yes', 2, null, -1])('%j is none', (label) => {
		expect(readPairRow({ prompt: 'q', completion: 'a', label })).toMatchObject({
			reason: expect.stringMatching(/^"label" is .*; expected true or false$/) as string,
		});
	});

	test('a labelled conversation ends with the answer', () => {
		expect(readPairRow({ messages: [user('q'), assistant('a')], label: false })).toMatchObject({
			label: false,
			sides: { prompt: [user('q')], chosen: [assistant('a')] },
		});
	});
});

describe('tokens of a chat template at the end of both sides', () => {
	const prompt = '<|im_start|>user\nq<|im_end|>\n<|im_start|>assistant\n';
	test.each([
		[prompt, 'a<|im_end|>\n', 'b<|im_end|>'],
		['q', 'a</s>', 'b</s>'],
	])('are removed: %j', (asked, chosen, rejected) => {
		const { set } = readPairs('a.jsonl', JSON.stringify({ prompt: asked, chosen, rejected }));
		expect(set.pairs).toMatchObject([{ prompt: { text: 'q' }, chosen: 'a', rejected: 'b' }]);
	});

	test.each([
		['a</s>', 'b'],
		['x <s>a</s>', 'y <s>b</s>'],
	])('stay if they may be part of the text: %j', (chosen, rejected) => {
		const { set } = readPairs('a.jsonl', JSON.stringify({ prompt: 'q', chosen, rejected }));
		expect(set.pairs).toMatchObject([{ chosen, rejected }]);
	});
});

test.each(['good', 'desirable', 'chosen', 'Positive'])('the label “%s” marks a wanted answer', (label) => {
	expect(readPairRow({ prompt: 'q', completion: 'a', label })).toMatchObject({ label: true });
});
