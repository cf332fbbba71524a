import { describe, expect, test } from 'vitest';
import { growth, MOST_GROWTH } from '#tests/support/growth.ts';
import { parserMessage, parseJson } from '#core/format/json.ts';
import { readJsonRows } from '#core/format/jsonRows.ts';
import { parsePythonLiteral } from '#core/format/pythonLiteral.ts';

const isRow = (value: object): boolean => 'a' in value;
/** Lines and values of the rows; of a row that is not JSON, the word "fault". */
const read = (text: string): [number, unknown][] =>
	readJsonRows(text, isRow).map((row) => [row.line, row.ok ? row.value : 'fault']);

describe('containers', () => {
	test.each([
		[
			'one list, cut off',
			'[{"a":1},\n{"a":2}',
			[
				[1, { a: 1 }],
				[2, { a: 2 }],
			],
		],
		[
			'a list under a key, cut off',
			'{"rows":[{"a":1},{"a":2},{"a"',
			[
				[1, { a: 1 }],
				[1, { a: 2 }],
				[1, 'fault'],
			],
		],
		[
			'lists under several keys',
			'{"data":{"train":[{"a":1}],\n"test":[{"a":2}]}}',
			[
				[1, { a: 1 }],
				[2, { a: 2 }],
			],
		],
		[
			'rows under ids',
			'{\n"x":{"a":1},\n"y":{"a":2}}',
			[
				[2, { a: 1 }],
				[3, { a: 2 }],
			],
		],
		[
			'columns',
			'{"a":["p","q"],"b":[1,2]}',
			[
				[1, { a: 'p', b: 1 }],
				[1, { a: 'q', b: 2 }],
			],
		],
		[
			'pandas',
			'{"a":{"0":"p","1":"q"}}',
			[
				[1, { a: 'p' }],
				[1, { a: 'q' }],
			],
		],
		['pandas, split', '{"columns":["a"],"index":[0],"data":[["p"]]}', [[1, { a: 'p' }]]],
		[
			'values of several lines',
			'{\n"a":1\n}\n{\n"a":2\n}',
			[
				[1, { a: 1 }],
				[4, { a: 2 }],
			],
		],
		[
			'values on one line',
			'{"a":1}{"a":2} {"a":3}',
			[
				[1, { a: 1 }],
				[1, { a: 2 }],
				[1, { a: 3 }],
			],
		],
		[
			'lines with commas',
			'{"a":1},\n{"a":2},',
			[
				[1, { a: 1 }],
				[2, { a: 2 }],
			],
		],
		[
			'lines, one broken',
			'{broken\n{"a":1}\n}\n{"a":2}',
			[
				[1, 'fault'],
				[2, { a: 1 }],
				[3, 'fault'],
				[4, { a: 2 }],
			],
		],
		['a row of one object', '{"a":[1,2]}', [[1, { a: [1, 2] }]]],
		[
			'Python’s notation',
			"{'a': 'it\\'s', 'b': None}\n{'a': True}",
			[
				[1, { a: "it's", b: null }],
				[2, { a: true }],
			],
		],
		['NaN and Infinity', '{"a":NaN,"b":"NaN","c":[-Infinity]}', [[1, { a: null, b: 'NaN', c: [null] }]]],
		[
			'line separators in texts',
			'{"a":"x\u2028y"}\n{"a":1}',
			[
				[1, { a: 'x\u2028y' }],
				[2, { a: 1 }],
			],
		],
		['nothing', ' \n', []],
	])('%s', (_name, text, expected) => {
		expect(read(text)).toEqual(expected);
	});

	test('deep nesting is a fault of its row', () => {
		expect(read(`{"a":1}\n${'['.repeat(200_000)}\n{"a":2}`)).toEqual([
			[1, { a: 1 }],
			[2, 'fault'],
			[3, { a: 2 }],
		]);
	});
});

test('lists and objects of one file have the lines of the file, whatever their order', () => {
	expect(read('{"x":\n{"r":\n[{"a":1}]},\n"y":[0],\n"z":{"r":[\n{"a":2}]}}')).toEqual([
		[3, { a: 1 }],
		[6, { a: 2 }],
	]);
});

test('several values of a line end with their line', () => {
	expect(read('{"a":1}{"a":2} {"a": 3},\n{"a":4}{"a":\n{"a":5}{"a":"x\n{"a":6}')).toEqual([
		[1, { a: 1 }],
		[1, { a: 2 }],
		[1, { a: 3 }],
		[2, { a: 4 }],
		[2, 'fault'],
		[3, { a: 5 }],
		[3, 'fault'],
		[4, { a: 6 }],
	]);
});

test('a column with a value nested too deeply to be written keeps its rows', () => {
	const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
	const rows = readJsonRows(`{"a": ["x", "y"], "b": [${deep}, 1]}`, isRow);
	expect(rows.map(({ text }) => text)).toEqual(['{…}', '{"a":"y","b":1}']);
});

const LISTED = `"k": [{"a": "${'x'.repeat(40)}"}],\n`;

test.each<[string, (n: number) => string]>([
	['one list', (n) => JSON.stringify(Array.from({ length: n }, (_, i) => ({ a: `text ${i}` })))],
	['objects on one line', (n) => '{"a": "a text of some words"}'.repeat(n)],
	['lists under keys', (n) => `{${LISTED.repeat(n)}"z": []}`],
	['lists in objects', (n) => `{${`"k": {${LISTED}"l": []},`.repeat(n)}"z": []}`],
	['lines that close at the end only', (n) => `{"a":1}\n${'[\n'.repeat(n / 6)}x y\n${']\n'.repeat(n / 6)}`],
	['escaped quotes that do not close', (n) => `{"a":1}\n${'[\\"\n'.repeat(n / 3)}`],
])('time grows with the length of a file alone: %s', async (_name, list) => {
	const work = (text: string): unknown => readJsonRows(text, isRow);
	expect(await growth(work, list, { small: 3000, large: 30_000 })).toBeLessThan(MOST_GROWTH);
});

describe('JSON as programs write it', () => {
	test.each([
		["{'prompt': 'What is NaN?'}", { prompt: 'What is NaN?' }],
		[
			"{'prompt': 'To Infinity', 'score': nan, 'loss': -inf}",
			{ prompt: 'To Infinity', score: null, loss: null },
		],
		['{"a": NaN, "b": None}', { a: null, b: null }],
		['{"a": "NaN", "b": [-Infinity, NaN]}', { a: 'NaN', b: [null, null] }],
	])('%s', (text, value) => {
		expect(parseJson(text)).toEqual(value);
	});

	test('the fault is the one that is left without NaN', () => {
		expect(() => parseJson('{"a": NaN, "b": }')).toThrow(/'?}'?/);
		expect(() => parseJson('{"a": NaN, "b": }')).not.toThrow(/'N'/);
	});

	test.each([
		['Unexpected end of JSON input', 'Unexpected end of JSON input'],
		['Expected a name at position 1 (line 1 column 2)', 'Expected a name at position 1'],
		[
			"JSON.parse: expected property name or '}' at line 1 column 2 of the JSON data",
			"JSON.parse: expected property name or '}'",
		],
	])('a browser’s message without its line: %s', (message, said) => {
		expect(parserMessage(new SyntaxError(message))).toBe(said);
	});
});

describe('Python literals', () => {
	test.each([
		[
			"[{'role': 'user', 'content': \"it's\"}, {'x': None}]",
			[{ role: 'user', content: "it's" }, { x: null }],
		],
		["[{'a': 'x'}\n {'a': 'y'}]", [{ a: 'x' }, { a: 'y' }]],
		["array([{'a': 1.5}], dtype=object)", [{ a: 1.5 }]],
		["('a', True, -2e3)", ['a', true, -2000]],
		["['\\x41\\u00e9\\U0001F642\\n']", ['Aé🙂\n']],
	])('%s', (text, value) => {
		expect(parsePythonLiteral(text)).toEqual(value);
	});

	test.each(["['a'", "{'a': }", '{a: 1}', '[import]', 'x', `${'['.repeat(60)}${']'.repeat(60)}`])(
		'refuses %s',
		(text) => {
			expect(() => parsePythonLiteral(text)).toThrow(SyntaxError);
		},
	);
});
