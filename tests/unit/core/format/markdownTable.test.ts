import { describe, expect, test } from 'vitest';
import { markdownTable } from '#core/format/markdownTable.ts';
import { readPairs } from '#core/pair/importPairs.ts';
import { readPrompts } from '#core/prompt/importPrompts.ts';

const textsOf = (name: string, text: string): string[] =>
	readPrompts(name, text).set.prompts.map((prompt) => prompt.text);

const TABLE = '| Nr | Prompt |\n|---:|:-------|\n| 1 | Name a tree.  |\n|2|  A \\| B: which? |\n';

describe('a table of Markdown', () => {
	test.each(['x.md', 'x.txt', 'the pasted text'])('gives its column without outer spaces: %s', (name) => {
		expect(textsOf(name, TABLE)).toEqual(['Name a tree.', 'A | B: which?']);
		expect(readPrompts(name, TABLE).lines).toEqual([3, 4]);
	});

	test('may have no outer bars, and lines around it, which are listed', () => {
		const text = `# Prompts\n\nFrom May:\n\nprompt | note\n--- | ---\nName a tree. | a\nWhy? | b | c\n\nEnd.\n`;
		const read = readPrompts('x.md', text);
		expect(read.set.prompts.map((prompt) => prompt.text)).toEqual(['Name a tree.']);
		expect(read.skipped.map(({ line, reason }) => [line, reason])).toEqual([
			[1, 'before the names of the columns'],
			[3, 'before the names of the columns'],
			[10, 'before the names of the columns'],
			[8, expect.stringMatching(/^3 cells under 2 columns/)],
		]);
	});

	test('holds pairs', () => {
		const text = '| prompt | chosen | rejected |\n| - | - | - |\n| Why? | a b | c d |\n';
		const [pair] = readPairs('x.md', text).set.pairs;
		expect([pair?.prompt.text, pair?.chosen, pair?.rejected]).toEqual(['Why?', 'a b', 'c d']);
	});

	test('is none beside the items of a list', () => {
		expect(
			textsOf('x.md', '# T\n\n- Name a tree.\n- Why?\n\n| x | y |\n|---|---|\n| 1 | 2 |\n').slice(0, 2),
		).toEqual(['Name a tree.', 'Why?']);
	});

	test.each([
		'A | B\n---|---\nWhat?',
		'a | b',
		'a\n---\nb',
		'- | -\nx',
		'| a |\n| - | - |\n| b |',
		'| a |\n|---|\nb\n'.repeat(9),
	])('%j is none', (text) => expect(markdownTable(text)).toBeNull());
});

describe('names of columns in any spelling are a header', () => {
	const names = ['Prompt', 'PROMPT', ' prompt ', 'prompt_text', 'promptText', 'Prompt Text', 'User Prompt'];
	test.each([...names, 'user-prompt', 'userQuestion', 'Test questions', 'INSTRUCTION', 'user_input'])(
		'%s',
		(name) => {
			for (const file of ['x.csv', 'x.txt'])
				expect(textsOf(file, `${name}\nName a tree.\nWhy?\n`)).toHaveLength(2);
			expect(textsOf('x.csv', `id,${name},Model Output\n7,Name a tree.,Oak\n9,Why?,So\n`)).toEqual([
				'Name a tree.',
				'Why?',
			]);
		},
	);

	test.each(['Question everything', 'Why?', 'Prompt me.', 'Test'])('%s is a prompt', (line) => {
		for (const file of ['x.csv', 'x.txt'])
			expect(textsOf(file, `${line}\nName a tree.\nAnd a bird?\n`)).toHaveLength(3);
	});
});

test('pairs have columns in any spelling', () => {
	for (const header of [
		'Prompt,Chosen,Rejected',
		'userPrompt,chosenResponse,rejectedResponse',
		'QUESTION,Good Answer,Bad Answer',
	])
		expect(readPairs('x.csv', `${header}\nWhy?,a b,c d\n`).set.pairs[0]).toMatchObject({
			chosen: 'a b',
			rejected: 'c d',
		});
});
