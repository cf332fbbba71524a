import { describe, expect, test } from 'vitest';
import { readTrlRow } from '#core/pair/trl.ts';

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });

describe('every shape of a row', () => {
	test('explicit prompt, texts', () => {
		const row = { prompt: 'a', chosen: 'b', rejected: 'c' };
		expect(readTrlRow(row)).toEqual({ form: 'text', ...row });
	});

	test('explicit prompt, messages', () => {
		const row = { prompt: [user('a')], chosen: [assistant('b')], rejected: [assistant('c')] };
		expect(readTrlRow(row)).toEqual({ form: 'chat', ...row });
	});

	test('implicit prompt, messages: what both sides share at the start', () => {
		const chosen = [user('a'), assistant('x'), user('b'), assistant('c')];
		const rejected = [user('a'), assistant('x'), user('b'), assistant('d')];
		expect(readTrlRow({ chosen, rejected })).toEqual({
			form: 'chat',
			prompt: chosen.slice(0, 3),
			chosen: [assistant('c')],
			rejected: [assistant('d')],
		});
	});

	test('implicit prompt, texts: the space belongs to the completion', () => {
		expect(readTrlRow({ chosen: 'The sky is blue.', rejected: 'The sky is green.' })).toEqual({
			form: 'text',
			prompt: 'The sky is',
			chosen: ' blue.',
			rejected: ' green.',
		});
		expect(readTrlRow({ chosen: '🙂a', rejected: '🙃a' })).toMatchObject({ prompt: '' });
		expect(readTrlRow({ chosen: 'same', rejected: 'same' })).toMatchObject({ prompt: 'sam', chosen: 'e' });
	});

	test('the mixed shape of the authors: prompt a text, sides the whole conversation', () => {
		const row = {
			prompt: 'a',
			chosen: [user('a'), assistant('b')],
			rejected: [user('a'), assistant('c')],
			rational: 'because',
		};
		expect(readTrlRow(row)).toEqual({
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
		expect(readTrlRow({ prompt: 'a', chosen: [assistant('b')], rejected: [assistant('c')] })).toEqual(
			expected,
		);
		expect(readTrlRow({ prompt: [user('a')], chosen: 'b', rejected: 'c' })).toEqual(expected);
	});
});

describe('a row of another form is refused by its field', () => {
	test.each([
		[{ prompt: 'a', rejected: 'c' }, /"chosen" is missing/],
		[{ prompt: 'a', chosen: 'b', rejected: 3 }, /"rejected" is number/],
		[{ prompt: [user('a'), 'b'], chosen: 'b', rejected: 'c' }, /"prompt" is a list of another form/],
		[{ chosen: [], rejected: [assistant('c')] }, /"chosen" is a list of another form/],
		[{ chosen: 'b', rejected: [assistant('c')] }, /"rejected".*expected the same form/],
		[
			{ chosen: [{ role: 'tool', content: 'x' }], rejected: [assistant('c')] },
			/"chosen" is a list of another form/,
		],
	])('%j', (row, message) => {
		expect(() => readTrlRow(row)).toThrow(message);
	});
});
