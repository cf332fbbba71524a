import { describe, expect, it } from 'vitest';
import { readPrompts } from '#core/prompt/importPrompts.ts';

const texts = (name: string, text: string) =>
	readPrompts(name, text).set.prompts.map((prompt) => prompt.text);
const lines = (...rows: readonly unknown[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const system = { role: 'system', content: 'You are kind.' };

describe('requests of a batch', () => {
	const openai = (...messages: object[]) => ({
		custom_id: 'r1',
		method: 'POST',
		url: '/v1/chat/completions',
		body: { model: 'm', messages },
	});
	it.each([
		openai(system, user('Say hi')),
		{ custom_id: 'r', body: { model: 'm', instructions: 'Be kind.', input: 'Say hi' } },
		{ custom_id: 'r', body: { model: 'm', prompt: 'Say hi' } },
		{ custom_id: 'r', params: { model: 'm', messages: [user('Say hi')] } },
		{ key: 'r', request: { contents: [{ role: 'user', parts: [{ text: 'Say hi' }] }] } },
	])('are read from inside: %j', (row) => {
		expect(texts('a.jsonl', lines(row))).toEqual(['Say hi']);
		expect(texts('a.jsonl', lines(row, openai(user('Say bye'))))).toEqual(['Say hi', 'Say bye']);
	});
});

describe('messages', () => {
	it('of the assistant and the system are never prompts', () => {
		const rows = lines({ role: 'user', text: 'Say hi' }, { role: 'assistant', text: 'Hi!' }, system);
		const { set, skipped } = readPrompts('a.jsonl', rows);
		expect(set.prompts.map(({ text }) => text)).toEqual(['Say hi']);
		expect(skipped.map(({ line }) => line)).toEqual([2, 3]);
		expect(texts('a.csv', 'role,content\nuser,Say hi\nassistant,Hi to you\n')).toEqual(['Say hi']);
	});

	it('of a file that is one conversation give its first question', () => {
		const turns = [system, user('Say hi'), assistant('Hi!'), user('And bye'), assistant('Bye!')];
		for (const text of [
			JSON.stringify(turns),
			JSON.stringify(turns, null, 2),
			JSON.stringify({ log: turns }),
		]) {
			const { set, skipped } = readPrompts('a.json', text);
			expect(set.prompts.map((prompt) => prompt.text)).toEqual(['Say hi']);
			expect(skipped).toHaveLength(4);
		}
	});

	it('of users alone are prompts', () => {
		expect(texts('a.json', JSON.stringify([user('Say hi'), user('Say bye')]))).toEqual(['Say hi', 'Say bye']);
	});

	it('keep a role that describes a prompt', () => {
		expect(texts('a.jsonl', lines({ role: 'teacher', text: 'Say hi' }))).toEqual(['Say hi']);
	});
});

describe('other shapes', () => {
	it('takes the first of several turns and says so', () => {
		const row = { question_id: 81, category: 'writing', turns: ['Write a text.', 'Rewrite it.'] };
		for (const text of [lines(row), lines(row, { ...row, turns: ['Other.', 'More.'] })]) {
			const { set, noted } = readPrompts('question.jsonl', text);
			expect(set.prompts[0]?.text).toBe('Write a text.');
			expect(noted[0]?.reason).toBe('its later turns were left out');
		}
	});

	it('lists the texts of an object that were not read', () => {
		const { set, skipped } = readPrompts('a.json', '{"greet":"Say hi","bye":"Say bye"}');
		expect([...set.prompts.map(({ text }) => text), ...skipped.map(({ text }) => text)]).toEqual([
			'Say hi',
			'bye: Say bye',
		]);
	});

	it('knows headers that say more than a name', () => {
		expect(texts('a.csv', 'Prompt (EN),Prompt (DE)\nSay hi,Sag hallo\n')).toEqual(['Say hi']);
		expect(texts('a.csv', 'prompt_en,prompt_de\nSay hi,Sag hallo\n')).toEqual(['Say hi']);
		expect(texts('a.csv', 'Prompts for testing\nSay hi\nSay bye\n')).toEqual(['Say hi', 'Say bye']);
		expect(texts('a.txt', 'Prompts for testing\nSay hi\nSay bye\n')).toEqual(['Say hi', 'Say bye']);
	});

	it('never takes a system message for the prompt', () => {
		expect(() => texts('a.jsonl', lines({ system_prompt: 'You are a kind and patient helper.' }))).toThrow();
		const row = { system_message: 'You are a kind and patient helper.', utterance: 'Hi' };
		expect(texts('a.jsonl', lines(row))[0]).not.toBe('You are a kind and patient helper.');
	});
});
