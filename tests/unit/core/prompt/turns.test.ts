import { describe, expect, test } from 'vitest';
import { readPairs } from '#core/pair/importPairs.ts';
import { readTurns } from '#core/prompt/turns.ts';

/** The start of both sides up to the answer, in the forms of datasets and chat templates. */
const STARTS: readonly string[] = [
	'\n\nHuman: Why?\n\nAssistant: ',
	'User: Why?\nAI: ',
	'**User:** Why?\n\n**Assistant:** ',
	'[User]: Why?\n[Bot]: ',
	'Question: Why?\nAnswer: ',
	'Q: Why?\nA: ',
	'Frage: Why?\nAntwort: ',
	'Mensch: Why?\nAssistent: ',
	'### Instruction:\nWhy?\n\n### Response:\n',
	'### Human: Why?### Assistant: ',
	'USER: Why? ASSISTANT: ',
	'<human>: Why?\n<bot>: ',
	'[|Human|]Why?\n[|AI|]',
	'<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n',
	'<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n',
	'<bos><start_of_turn>user\nWhy?<end_of_turn>\n<start_of_turn>model\n',
	'<|user|>\nWhy?</s>\n<|assistant|>\n',
	'<s>[INST] Why? [/INST] ',
	'<｜begin▁of▁sentence｜><｜User｜>Why?<｜Assistant｜>',
	'GPT4 Correct User: Why?<|end_of_turn|>GPT4 Correct Assistant: ',
];

describe('both sides as one text', () => {
	test.each(STARTS)('%j', (start) => {
		const row = JSON.stringify({ chosen: `${start}Because.`, rejected: `${start}No idea.` });
		const [pair] = readPairs('x.jsonl', row).set.pairs;
		expect([pair?.prompt.text, pair?.chosen, pair?.rejected]).toEqual(['Why?', 'Because.', 'No idea.']);
	});

	test.each([
		'The answer is ',
		'Note: x\nWarning: ',
		'User Why?\nBot ',
		'I told the human: go. The assistant: ',
	])('%j is none', (start) => {
		const row = JSON.stringify({ chosen: `${start}yes`, rejected: `${start}no` });
		expect(() => readPairs('x.jsonl', row)).toThrow(/no prompt/);
	});
});

test('lines of the question that look like speakers of another kind belong to it', () => {
	const { messages } = readTurns('Human: Which?\nA: one\nB: two\nAnswer: ?\n\nAssistant: A')!;
	expect(messages).toEqual([
		{ role: 'user', content: 'Which?\nA: one\nB: two\nAnswer: ?' },
		{ role: 'assistant', content: 'A' },
	]);
});

test('Alpaca’s preamble and input are part of the question', () => {
	const text = 'Below is an instruction.\n\n### Instruction:\nSort.\n\n### Input:\nb a\n\n### Response:\na b';
	expect(readTurns(text)?.messages).toEqual([
		{ role: 'user', content: 'Below is an instruction.\n\nSort.\n\nb a' },
		{ role: 'assistant', content: 'a b' },
	]);
});

test('a template’s system message is a message', () => {
	const { messages } = readTurns('<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nWhy? [/INST] So. </s>')!;
	expect(messages.map(({ role, content }) => `${role}: ${content}`)).toEqual([
		'system: Be brief.',
		'user: Why?',
		'assistant: So.',
	]);
});

test('any number of tokens may end a turn', () => {
	const text = `Human: Why?\n\nAssistant: So. ${'</s> <|im_end|>\n'.repeat(30_000)}`;
	expect(readTurns(text)?.messages.at(-1)).toEqual({ role: 'assistant', content: 'So.' });
	const ends = readTurns(`Human: Why?\n\nAssistant: ${'</s>'.repeat(30_000)}`);
	expect(ends?.messages.at(-1)).toEqual({ role: 'assistant', content: '' });
});
