import { expect, test } from 'vitest';
import { parseJson } from '#core/format/json.ts';
import { readJsonRows } from '#core/format/jsonRows.ts';
import { withoutComments } from '#core/format/relaxedJson.ts';
import { readPairs } from '#core/pair/importPairs.ts';
import { readPrompts } from '#core/prompt/importPrompts.ts';

const textsOf = (name: string, text: string): string[] =>
	readPrompts(name, text).set.prompts.map((prompt) => prompt.text);

test.each([
	['{"a": 1, // one\n "b": [1, 2,],}', { a: 1, b: [1, 2] }],
	['/* all */ {"a": "// no /* comment */", "b": ",]"}', { a: '// no /* comment */', b: ',]' }],
	['{"a": true, "b": null,}', { a: true, b: null }],
	['[{"a": "\\ud83d\\ude00\\/",},]', [{ a: '😀/' }]],
])('%s', (text, value) => expect(parseJson(text)).toEqual(value));

test('every other character keeps its place', () => {
	const text = '{"a": 1, // one\r\n/* two\n */ "b": 2}';
	expect(withoutComments(text)).toBe('{"a": 1,       \r\n      \n    "b": 2}');
});

test.each(['x.json', 'x.jsonc', 'the pasted text'])('prompts of JSON with comments: %s', (name) => {
	const text =
		'// Prompts of “May”\n[\n\t{"prompt": "See https://a.example", /* [draft */ },\n\t{"prompt": "Why?"}, // }\n]\n';
	expect(textsOf(name, text)).toEqual(['See https://a.example', 'Why?']);
	expect(readPrompts(name, text).lines).toEqual([3, 4]);
});

test('lines with comments between and behind them', () => {
	const text = '# no\n{"prompt": "a b c"}\n// note\n{"prompt": "d e f"} // end\n{"prompt": "g h i",}\n';
	expect(textsOf('x.jsonl', text)).toEqual(['a b c', 'd e f', 'g h i']);
	expect(readPrompts('x.jsonl', text).skipped.map(({ line }) => line)).toEqual([1]);
});

test('slashes of other texts stay', () => {
	expect(textsOf('x.jsonl', "{'prompt': 'See // this /* one'}\n{'prompt': 'b c d'}\n")).toEqual([
		'See // this /* one',
		'b c d',
	]);
	const broken = '{"prompt": "lost\n{"prompt": "at https://a.example // b"}\n';
	expect(textsOf('x.jsonl', broken)).toEqual(['at https://a.example // b']);
	expect(textsOf('x.txt', '// What does this sign mean?\n// And here?\n')).toHaveLength(2);
});

test('texts behind record separators (RFC 7464)', () => {
	const text =
		'\u001e{"prompt": "a b c"}\n\u001e{"prompt":\n "d e f"}\n\u001e{"prompt": "g h i"}\u001e{"prompt": "j k l"}';
	expect(textsOf('x.json-seq', text)).toEqual(['a b c', 'd e f', 'g h i', 'j k l']);
	expect(readJsonRows(text, () => true).map(({ line }) => line)).toEqual([1, 2, 4, 4]);
	expect(textsOf('x', '\u001e{"prompt": "cut\n\u001e{"prompt": "a b c"}\n')).toEqual(['a b c']);
	const pairs = '\u001e{"prompt":"p","chosen":"a","rejected":"b"}\n';
	expect(readPairs('x.json-seq', pairs).set.pairs).toHaveLength(1);
});
