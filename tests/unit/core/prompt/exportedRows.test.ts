/** Rows as programs and forms export them: the columns one level deeper, or questions as names of columns. */
import { describe, expect, it } from 'vitest';
import { readPrompts } from '#core/prompt/importPrompts.ts';

const texts = (name: string, text: string) =>
	readPrompts(name, text).set.prompts.map((prompt) => prompt.text);

describe('columns one level deeper', () => {
	const human = { type: 'human', content: 'Say hi to them' };
	it.each<[string, object]>([
		['LangSmith', { id: 'u1', inputs: { question: 'Say hi to them' }, outputs: { answer: 'Hi' } }],
		['messages of LangChain', { id: 'u1', inputs: { messages: [human, { type: 'ai', content: 'Hi' }] } }],
		['Label Studio', { id: 1, data: { text: 'Say hi to them' }, annotations: [] }],
		['Argilla', { id: 'u1', fields: { prompt: 'Say hi to them', response: 'Hi' }, suggestions: {} }],
		['Langfuse', { id: 'u1', input: { query: 'Say hi to them' }, expectedOutput: 'Hi' }],
	])('%s', (_name, row) => {
		expect(texts('a.json', JSON.stringify([row]))).toEqual(['Say hi to them']);
		expect(texts('a.jsonl', `${JSON.stringify(row)}\n{"prompt":"Say bye"}`)).toEqual([
			'Say hi to them',
			'Say bye',
		]);
	});

	it('are not read if the row has a prompt of its own', () => {
		const row = { prompt: 'Say hi to them', data: { text: 'another text' } };
		expect(texts('a.json', JSON.stringify([row]))).toEqual(['Say hi to them']);
	});

	it('are read from a cell', () => {
		const table = 'id,inputs,outputs\n1,"{""question"": ""Say hi to them""}","{""answer"": ""Hi""}"\n';
		expect(texts('a.csv', table)).toEqual(['Say hi to them']);
	});

	it('a prompt that is JSON stays a text', () => {
		const table = 'id,prompt\n1,"{""question"": ""Say hi""}"\n';
		expect(texts('a.csv', table)).toEqual(['{"question": "Say hi"}']);
	});
});

it('reads the question of Gemini’s contents, with its system text', () => {
	const row = {
		systemInstruction: { role: 'system', parts: [{ text: 'Be kind.' }] },
		contents: [
			{ role: 'user', parts: [{ text: 'Say hi to them' }] },
			{ role: 'model', parts: [{ text: 'Hi' }] },
		],
	};
	const read = readPrompts('a.jsonl', JSON.stringify(row));
	expect(read.set.prompts.map(({ text }) => text)).toEqual(['Say hi to them']);
	expect(read.noted.map(({ reason }) => reason)).toEqual(['its system message was left out']);
});

describe('names of columns', () => {
	it.each([
		['an abbreviation', 'Nr.;Frage\r\n1;Wie geht es dir?\r\n2;Wer bist du?\r\n'],
		[
			'a question of a form',
			'Timestamp,What should the model do?\n2024/01/05 3:14:15 PM GMT+1,Wie geht es dir?\n' +
				'2024/01/06 3:14:15 PM GMT+1,Wer bist du?\n',
		],
	])('%s is no prompt', (_name, table) => {
		expect(texts('a.csv', table)).toEqual(['Wie geht es dir?', 'Wer bist du?']);
	});
});

it('takes the boxes off a list of tasks', () => {
	expect(texts('a.md', '- [ ] Say hi\n- [x] Say bye\n')).toEqual(['Say hi', 'Say bye']);
});
