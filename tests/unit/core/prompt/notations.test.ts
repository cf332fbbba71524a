/** Files of programs, and questions that are nested: read where they are plain to find, refused by name otherwise. */
import { describe, expect, test } from 'vitest';
import { readPairs } from '#core/pair/importPairs.ts';
import { readPrompts } from '#core/prompt/importPrompts.ts';

const textsOf = (name: string, text: string): string[] =>
	readPrompts(name, text).set.prompts.map((prompt) => prompt.text);
const linesOf = (name: string, text: string): readonly number[] => readPrompts(name, text).lines;

describe('YAML', () => {
	test('a list of texts, alone or under a key', () => {
		const list =
			'- Name a tree.\n- "Say \\"hi\\": why?"   # note\n\n# comment\n- \'It\'\'s: what?\'\n- Why # so\n';
		const texts = ['Name a tree.', 'Say "hi": why?', "It's: what?", 'Why'];
		expect(textsOf('x.yaml', list)).toEqual(texts);
		expect(linesOf('x.yml', `---\nprompts:\n${list}`)).toEqual([3, 4, 7, 8]);
		expect(textsOf('x.yml', `prompts:\n${list.replace(/^-/gm, '  -')}`)).toEqual(texts);
	});

	test('blocks keep or join their lines', () => {
		const text = '- |\n  Write a poem:\n    two lines\n\n  End.\n- >-\n  One\n  line.\n';
		expect(textsOf('x.yaml', text)).toEqual(['Write a poem:\n  two lines\n\nEnd.', 'One line.']);
	});

	test('records', () => {
		const text =
			'- prompt: Why?\n  chosen: "a b"\n  rejected: |\n    c\n    d\n- prompt: How?\n  chosen: e\n  rejected: f\n';
		expect(textsOf('x.yaml', text)).toEqual(['Why?', 'How?']);
		expect(readPairs('x.yaml', text).set.pairs.map((pair) => [pair.chosen, pair.rejected])).toEqual([
			['a b', 'c\nd'],
			['e', 'f'],
		]);
	});

	test('JSON', () => expect(textsOf('x.yaml', '[{"prompt": "Name a tree."}]')).toEqual(['Name a tree.']));

	test.each([
		'- Translate: hello\n- Summarise: x\n',
		'a: b\nc: d\n',
		'- a\n- b: c\n',
		'- a\n  b\n',
		'- [a, b]\n',
		'prompts:\n  - a\nmore:\n  - b\n',
		'- &x a\n',
		'- "\\e"\n',
	])('%j is refused by name', (text) => {
		for (const read of [readPrompts, readPairs])
			expect(() => read('x.yaml', text)).toThrow(/^x\.yaml is YAML that is more than one list/);
	});
});

describe('code', () => {
	test.each([
		['x.py', '# Prompts\nprompts = [\n\t"Name a tree.",\n\t# two\n\t"Why?",\n]\n', [3, 5]],
		['x.py', "PROMPTS: list[str] = [\n    'Name a tree.',\n    'Why?',\n]\n", [1, 1]],
		['x.js', '// Prompts\nexport const prompts = [\n"Name a tree.", /* [ */ "Why?"\n];\n', [3, 3]],
		['x.mjs', 'export default [{"prompt": "Name a tree."}, {"prompt": "Why?"}]', [1, 1]],
		['x.ts', 'const prompts: string[] = ["Name a tree.", "Why?"] as const;\n', [1, 1]],
	])('one list is read: %s', (name, text, lines) => {
		expect(textsOf(name, text)).toEqual(['Name a tree.', 'Why?']);
		expect(linesOf(name, text)).toEqual(lines);
	});

	test.each([
		['x.py', 'import json\nprompts = ["a"]\nprint(prompts)\n', /Python code/],
		['x.js', 'export const prompts = [`a`, "b" + c];\n', /JavaScript code/],
		['x.sh', 'echo "a"\necho "b"\n', /shell commands/],
		['x.sql', "INSERT INTO prompts VALUES ('a');\n", /SQL code/],
	])('other code is refused by name: %s', (name, text, message) => {
		for (const read of [readPrompts, readPairs]) expect(() => read(name, text)).toThrow(message);
	});

	test('a notebook is refused by name', () => {
		const text = JSON.stringify({ cells: [{ cell_type: 'code', source: ['print(1)'] }], nbformat: 4 });
		for (const name of ['x.ipynb', 'x.json', 'x'])
			for (const read of [readPrompts, readPairs]) expect(() => read(name, text)).toThrow(/Jupyter notebook/);
	});
});

describe('nested questions', () => {
	const message = (role: string, text: string, type = 'text') => ({
		...{ author: { role }, content: { content_type: type, parts: [text] } },
	});
	const node = (parent: string | null, children: string[], of: unknown) => ({
		parent,
		children,
		message: of,
	});
	const conversation = (first: string) => ({
		title: 'A title',
		current_node: 'e',
		mapping: {
			c: node('b', ['d'], message('user', first)),
			a: node(null, ['b'], null),
			b: node('a', ['c'], message('user', 'hidden', 'user_editable_context')),
			d: node('c', ['e'], message('assistant', 'So.')),
			e: node('d', ['a'], message('user', 'And then?')),
		},
	});

	test('the first question of each conversation that ChatGPT exported', () => {
		const read = readPrompts(
			'conversations.json',
			JSON.stringify([conversation('Why?'), conversation('How?')]),
		);
		expect(read.set.prompts.map((prompt) => prompt.text)).toEqual(['Why?', 'How?']);
		expect(read.noted.map(({ reason }) => reason)).toEqual(Array(2).fill('its later turns were left out'));
	});

	test('of Claude’s export', () => {
		const chat = [
			{ sender: 'human', text: 'Why?' },
			{ sender: 'assistant', text: 'So.' },
		];
		expect(textsOf('conversations.json', JSON.stringify([{ name: 'A', chat_messages: chat }]))).toEqual([
			'Why?',
		]);
	});

	test('the questions of SQuAD with their paragraphs', () => {
		const qas = [
			{ id: '1', question: 'Who?', answers: [] },
			{ id: '2', question: 'When?', answers: [] },
		];
		const data = [
			{
				title: 'T',
				paragraphs: [
					{ context: 'Ada wrote it.', qas },
					{ context: 'In 1843.', qas: qas.slice(1) },
				],
			},
		];
		for (const json of [{ version: '1.1', data }, data])
			expect(textsOf('train.json', JSON.stringify(json))).toEqual([
				'Who?\n\nAda wrote it.',
				'When?\n\nAda wrote it.',
				'When?\n\nIn 1843.',
			]);
	});
});
