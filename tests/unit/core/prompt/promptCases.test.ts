/** Prompt files as users have them, with the right value of each. */
import { describe, expect, test } from 'vitest';
import { readPrompts } from '#core/prompt/importPrompts.ts';
import { casePrompts, promptTexts } from '#tests/support/cases.ts';

const BRIDGE = 'Name a bridge.';
const TOWER = 'Name a tower.';

const READ: readonly [file: string, prompts: string[], lines: number[], skipped?: [number, RegExp][]][] = [
	['B1-excel-sep.csv', [BRIDGE, TOWER], [3, 4]],
	['B1b-excel-sep-comma.csv', ['Name a bridge, please.', 'Name a tower, please.'], [3, 4]],
	[
		'B2-commas-unquoted.csv',
		['List a cat, a dog and a cow in order.', 'Say hello, then say goodbye.', BRIDGE],
		[2, 3, 4],
	],
	['B3-cr-only.txt', [BRIDGE, TOWER, 'Name a gate.'], [1, 2, 3]],
	['B3b-cr-only.csv', [BRIDGE, TOWER], [2, 3]],
	['B4-other-header.csv', [BRIDGE, TOWER], [2, 3]],
	['B4b-header-aufgabe.csv', ['Nenne eine Brücke.', 'Nenne einen Turm.'], [2, 3]],
	['B4c-header-prompt-text.csv', [BRIDGE], [2]],
	['B6-utf16le-nobom.txt', [BRIDGE, TOWER], [1, 2]],
	['B6b-utf16le-bom.txt', [BRIDGE], [2]],
	['B7-line-numbers.csv', ['First\nof two lines', BRIDGE], [2, 6], [[7, /^the same as line 6$/]]],
	['B7b-broken-quote.csv', [BRIDGE, 'Name a gate.'], [3, 6], [[5, /quote is opened and not closed/]]],
	['B7c-inner-quotes.csv', ['Say "hello" twice.', 'Say "hello" twice, please.', 'Name a gate.'], [2, 3, 4]],
	['B9-tabs.txt', [BRIDGE, TOWER], [1, 2]],
	['B9b.tsv', ['Name a bridge, a tower, a gate, a wall.', 'Name a sea, a lake.'], [2, 3]],
	[
		'B9c-semicolon-commas.csv',
		['Name a bridge, a tower, a gate, a wall.', 'Name a sea, a lake, a pond, a well.'],
		[2, 3],
	],
	['B11-list.md', [BRIDGE, TOWER, 'Name a gate.'], [1, 2, 4]],
	['B12-under-key.json', [BRIDGE, TOWER], [3, 4]],
	[
		'B13-paragraphs.txt',
		['You get a list.\nSort it:\npear, fig', 'You get a list.\nSort it:\nsea, air'],
		[1, 5],
	],
	['B16-messages.jsonl', [BRIDGE, TOWER, 'Sort the list.\n\npear, fig', 'Name a gate.'], [1, 2, 3, 4]],
	['prompts-snappy.parquet', ['Sort the list.\n\npear, fig', 'Say hello.'], [1, 2]],
];

describe('read', () => {
	test.each(READ)('%s', async (file, prompts, lines, skipped = []) => {
		const got = await casePrompts(file);
		expect(promptTexts(got)).toEqual(prompts);
		expect(got.lines).toEqual(lines);
		expect(got.skipped.map(({ line }) => line)).toEqual(skipped.map(([line]) => line));
		for (const [i, [, reason]] of skipped.entries()) expect(got.skipped[i]?.reason).toMatch(reason);
	});

	test('B10-unicode.txt: no letter is altered', async () => {
		const { length } = (await casePrompts('B10-unicode.txt')).set.prompts;
		expect(length).toBe(8);
	});
});

describe('refused, with the reason', () => {
	test.each([
		['B5-prompts.xlsx', /is an Excel workbook, not text/],
		['B15-login.csv', /is a web page \(“Sign in”\)/],
		[
			'B8-cp1252.csv',
			/not UTF-8 text: .*byte 22 \(line 2\) on\. As Windows-1252 the place reads “Nenne eine Brücke\.”/,
		],
	])('%s', async (file, message) => {
		await expect(casePrompts(file)).rejects.toThrow(message);
		await expect(casePrompts(file)).rejects.toMatchObject({ hint: expect.stringMatching(/\S/) as string });
	});
});

const read = (name: string, text: string, chosen: string | null = null) => readPrompts(name, text, chosen);

describe('the place of the prompts', () => {
	test('can be another column of a table', async () => {
		const got = await casePrompts('B4-other-header.csv');
		expect(got.layout?.options.map(({ id }) => id)).toEqual([
			'column:id',
			'column:user_prompt',
			'column:topic',
			'line',
		]);
		expect(got.layout?.chosen).toBe('column:user_prompt');
		const topics = await casePrompts('B4-other-header.csv', 'column:topic');
		expect(promptTexts(topics)).toEqual(['place']);
		expect(topics.layout?.chosen).toBe('column:topic');
		const lines = await casePrompts('B4-other-header.csv', 'line');
		expect(promptTexts(lines)).toEqual([
			'id,user_prompt,topic',
			'1,Name a bridge.,place',
			'2,Name a tower.,place',
		]);
		expect(lines.layout).toMatchObject({ chosen: 'line', options: got.layout?.options });
	});

	test('can be lines instead of paragraphs, and the other way round', async () => {
		expect((await casePrompts('B13-paragraphs.txt', 'line')).set.prompts).toHaveLength(4);
		const grouped = 'Name a bridge.\nName a tower.\n\nName a sea.\nName a lake.';
		expect(read('x.txt', grouped).set.prompts).toHaveLength(4);
		expect(read('x.txt', grouped, 'paragraph').set.prompts).toHaveLength(2);
	});

	test('is found by content in JSON too', () => {
		const rows = [
			'{"id":"a1","task_text":"Name a bridge.","answer":"x"}',
			'{"id":"a2","task_text":"Name a tower.","answer":"y"}',
		];
		const got = read('x.jsonl', rows.join('\n'));
		expect(promptTexts(got)).toEqual([BRIDGE, TOWER]);
		expect(got.layout?.chosen).toBe('column:task_text');
		expect(promptTexts(read('x.jsonl', rows.join('\n'), 'column:answer'))).toEqual(['x', 'y']);
	});
});

describe('tables', () => {
	test.each([
		[
			'pasted from a spreadsheet',
			'the pasted text',
			'prompt\tkind\nName one\tx\nb c\ty',
			['Name one', 'b c'],
		],
		['pasted with a header', 'the pasted text', 'id,prompt\n1,one thing\n2,two', ['one thing', 'two']],
		[
			'in another language',
			'x.csv',
			'Frage;Antwort\nWas ist das?;Ein Haus\nWer bist du?;Ich',
			['Was ist das?', 'Wer bist du?'],
		],
		[
			'lines with commas, no table',
			'x.csv',
			'Name a bridge.\nSay hello, then bye.\n',
			['Name a bridge.', 'Say hello, then bye.'],
		],
		['a last column with commas', 'x.csv', 'id,prompt\n1,Say a, b and c\n', ['Say a, b and c']],
		['JSON in a file of that name', 'x.csv', '{"prompt":"x y"}\n{"prompt":"z"}', ['x y', 'z']],
		['a column of one name', 'x.csv', 'prompt,__proto__,constructor\na b,c,d\n', ['a b']],
		['a bar', 'x.csv', 'sep=|\r\nid|Text\r\n1|Hi, there\r\n', ['Hi, there']],
	])('%s', (_case, name, text, prompts) => {
		expect(promptTexts(read(name, text))).toEqual(prompts);
	});

	test('a row whose cells cannot be told apart is listed', () => {
		const got = read('x.csv', 'prompt,kind\nSay a, b and c,x\nOk then,y\n');
		expect(promptTexts(got)).toEqual(['Ok then']);
		expect(got.skipped).toMatchObject([
			{ line: 2, reason: expect.stringMatching(/^3 cells under 2 columns/) as string },
		]);
	});
});

describe('lines', () => {
	test.each([
		['1) a b\n2) c\n', ['a b', 'c']],
		['- a\n- b', ['a', 'b']],
		['- a\nb', ['- a', 'b']],
		['"Name a bridge"\n"Name a tower"', ['Name a bridge', 'Name a tower']],
		['"Name a bridge" is what?\n"Name a tower"', ['"Name a bridge" is what?', '"Name a tower"']],
		['[1] cites\n[2] more', ['[1] cites', '[2] more']],
	])('%j', (text, prompts) => {
		expect(promptTexts(read('x.txt', text))).toEqual(prompts);
	});

	test('a name of a column and headings are listed', () => {
		expect(read('x.txt', 'Prompt\nName a bridge.').skipped).toMatchObject([
			{ line: 1, reason: 'names the column' },
		]);
		expect(read('x.md', '# Prompts\n\nName a bridge.').skipped).toMatchObject([
			{ line: 1, reason: 'a heading' },
		]);
	});
});

test('a system message that is left out is noted', () => {
	const text = '{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}]}';
	expect(read('x.jsonl', text).noted).toMatchObject([{ line: 1, reason: 'its system message was left out' }]);
});

test('texts that had one id of 32 bits have ids of their own', () => {
	const { prompts } = read('x.txt', 'Prompt 5pfv\nPrompt mvjd').set;
	expect(new Set(prompts.map(({ id }) => id)).size).toBe(2);
});
