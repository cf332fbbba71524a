/** Files of rows: whatever their bytes, an import gives rows and reasons or an error with a hint, and loses no row. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AppError } from '#core/errors.ts';
import { readCsv } from '#core/format/csv.ts';
import { parseJson } from '#core/format/json.ts';
import { readJsonRows } from '#core/format/jsonRows.ts';
import { parsePythonLiteral } from '#core/format/pythonLiteral.ts';
import { decodeText } from '#core/format/text.ts';
import { importPairs, readPairs, type PairImport } from '#core/pair/importPairs.ts';
import { writePairsJsonl, writeUnpairedJsonl } from '#core/pair/jsonl.ts';
import { pairUp } from '#core/pair/pairUp.ts';
import { readPairRow } from '#core/pair/trl.ts';
import { importPrompts, readPrompts, type PromptImport } from '#core/prompt/importPrompts.ts';
import { readTurns } from '#core/prompt/turns.ts';
import { readParquet } from '#runtime/rows/parquet.ts';
import { target } from './target.ts';

/** Pieces of which hostile and broken files are made. */
const PIECES = [
	...[
		'{',
		'}',
		'[',
		']',
		'"',
		"'",
		',',
		';',
		'\t',
		'|',
		':',
		'\n',
		'\r',
		'\r\n',
		'\\',
		' ',
		'\uFEFF',
		'\0',
		'""',
	],
	...[
		'"prompt"',
		'"chosen"',
		'"rejected"',
		'null',
		'NaN',
		'-Infinity',
		'None',
		'1',
		'sep=;',
		'prompt',
		'id',
		'\ud83d',
	],
	...[
		'{"prompt":"p","chosen":"a","rejected":"b"}',
		'{"prompt":"q"}',
		'{"rows":[',
		'{"row":',
		'[{"role":"user"',
	],
	...[
		'\n\nHuman: q',
		'\n\nAssistant: a',
		'<|im_start|>user',
		'[INST]',
		'### Instruction:',
		'A: ',
		'- x',
		'1. y',
	],
	...['__proto__', 'constructor', '<!doctype html><html><head>', 'a b c.', '"quoted, text"', 'array(', 'ß🙂'],
];
const hostileText = fc
	.array(
		fc.oneof(
			{ weight: 4, arbitrary: fc.constantFrom(...PIECES) },
			fc.string({ unit: 'binary', maxLength: 6 }),
		),
		{
			maxLength: 40,
		},
	)
	.map((parts) => parts.join(''));

const fileName = fc.constantFrom(
	'x.jsonl',
	'x.json',
	'x.csv',
	'x.tsv',
	'x.txt',
	'x.md',
	'the pasted text',
	'x',
	'x.gz',
);

/** The signatures of binary files, with anything after them. */
const bytes = fc.oneof(
	fc.uint8Array({ maxLength: 200 }),
	fc
		.tuple(
			fc.constantFrom(
				[0x1f, 0x8b, 8],
				[0x50, 0x41, 0x52, 0x31],
				[0x50, 0x4b, 3, 4],
				[0xff, 0xfe],
				[0xef, 0xbb, 0xbf],
			),
			fc.uint8Array({ maxLength: 100 }),
		)
		.map(([start, rest]) => new Uint8Array([...start, ...rest])),
	hostileText.map((text) => new TextEncoder().encode(text)),
	hostileText.map((text) => Uint8Array.from(Buffer.from(text, 'utf16le'))),
);

function expectAppError(thrown: unknown): void {
	assert.ok(thrown instanceof AppError, `not an AppError: ${String(thrown)}`);
	assert.notEqual(thrown.code, 'unexpected');
	assert.notEqual(thrown.hint, '', `no hint: ${thrown.message}`);
}

/** Any row is taken, or listed with line and reason; lines are those of the text. */
function expectListed({ lines, skipped }: PairImport | PromptImport, taken: number, text: string): void {
	assert.equal(lines.length, taken);
	const last = text.split(/\r\n|\n|\r/).length;
	for (const line of [...lines, ...skipped.map((row) => row.line)])
		assert.ok(line >= 1 && line <= last, `line ${line} of ${last}`);
	for (const { reason } of skipped) assert.notEqual(reason, '');
}

function checkPairs(name: string, text: string): void {
	try {
		const read = readPairs(name, text);
		const { pairs } = read.set;
		expectListed(read, pairs.length, text);
		assert.equal(new Set(pairs.map(({ id }) => id)).size, pairs.length);
		for (const { prompt, chosen, rejected } of pairs) {
			assert.notEqual(prompt.text.trim(), '');
			assert.notEqual(chosen.trim(), rejected.trim());
		}
	} catch (thrown) {
		if (thrown instanceof assert.AssertionError) throw thrown;
		expectAppError(thrown);
	}
}

function checkPrompts(name: string, text: string, layout: string | null): void {
	try {
		const read = readPrompts(name, text, layout);
		const { prompts } = read.set;
		expectListed(read, prompts.length, text);
		assert.equal(new Set(prompts.map(({ id }) => id)).size, prompts.length);
		for (const prompt of prompts) assert.equal(prompt.text, prompt.text.trim());
		if (read.layout !== null) assert.ok(read.layout.options.some(({ id }) => id === read.layout?.chosen));
	} catch (thrown) {
		if (thrown instanceof assert.AssertionError) throw thrown;
		expectAppError(thrown);
	}
}

async function checkBytes(work: () => Promise<unknown>): Promise<void> {
	try {
		await work();
	} catch (thrown) {
		expectAppError(thrown);
	}
}

/** Values of rows: texts, messages, parts, and anything else. */
const message = fc.record({
	role: fc.constantFrom('user', 'assistant', 'system', 'tool', 'human', 3, null),
	content: fc.oneof(
		fc.string(),
		fc.constant(null),
		fc.array(fc.record({ type: fc.string(), text: fc.string() }), { maxLength: 2 }),
	),
});
const cell = fc.oneof(
	fc.string(),
	fc.array(message, { maxLength: 4 }),
	message,
	fc.jsonValue({ maxDepth: 3 }),
	hostileText,
);
const row = fc.dictionary(
	fc.constantFrom(
		...[
			'prompt',
			'chosen',
			'rejected',
			'completion',
			'label',
			'question',
			'system',
			'input',
			'messages',
			'__proto__',
			'history',
		],
	),
	cell,
);

/** Texts that an import keeps: they hold more than spaces, and are valid Unicode without NUL. */
const word = fc
	.string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
	.filter((text) => !/[\0{['"<#]/.test(text))
	.map((text) => `w${text.trim()}`);

export const targets = [
	target('pairs of any text', fc.tuple(fileName, hostileText), ([name, text]) => checkPairs(name, text)),
	target(
		'prompts of any text',
		fc.tuple(fileName, hostileText, fc.constantFrom(null, 'line', 'paragraph', 'column:prompt', 'column:1')),
		([name, text, layout]) => checkPrompts(name, text, layout),
	),
	target('files of any bytes', fc.tuple(fileName, bytes), async ([name, content]) => {
		await checkBytes(() => importPairs(name, new Uint8Array(content), readParquet));
		await checkBytes(() => importPrompts(name, new Uint8Array(content), readParquet));
	}),
	target('text of any bytes', bytes, (content) =>
		checkBytes(() => Promise.resolve().then(() => decodeText(content, 'x'))),
	),
	target('pair rows of any value', row, (value) => void readPairRow(value)),
	target(
		'JSON rows lose no value',
		fc.array(
			fc
				.jsonValue({ maxDepth: 2 })
				.filter((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
			{ minLength: 2, maxLength: 8 },
		),
		(values) => {
			const isRow = (): boolean => true;
			for (const text of [
				values.map((value) => JSON.stringify(value)).join('\n'),
				JSON.stringify(values),
				JSON.stringify(values, null, 2),
				values.map((value) => JSON.stringify(value, null, 1)).join('\n'),
			]) {
				const read = readJsonRows(text, isRow).map((one) => (one.ok ? one.value : one.reason));
				assert.deepEqual(read, JSON.parse(JSON.stringify(values)));
			}
		},
	),
	target(
		'CSV cells come back',
		fc.array(
			fc.array(
				fc.string({ maxLength: 12 }).map((text) => `c${text}`),
				{ minLength: 2, maxLength: 4 },
			),
			{ maxLength: 6 },
		),
		(records) => {
			const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
			const text = records.map((cells) => cells.map(quoted).join(',')).join('\r\n');
			assert.deepEqual(
				readCsv(text, ',').map(({ cells }) => cells),
				records,
			);
		},
	),
	target('CSV of any text', fc.tuple(hostileText, fc.constantFrom(',', ';', '\t')), ([text, delimiter]) => {
		const kept = readCsv(text, delimiter)
			.map(({ raw }) => raw)
			.join('\n');
		const letters = (part: string): string => part.replaceAll(/[\s,;"]/g, '');
		assert.equal(letters(kept), letters(text));
	}),
	target('Python literals of any text', hostileText, (text) => {
		for (const parse of [parsePythonLiteral, parseJson]) {
			try {
				parse(text);
			} catch (thrown) {
				assert.ok(thrown instanceof SyntaxError, String(thrown));
			}
		}
	}),
	target('turns of any text', hostileText, (text) => {
		const turns = readTurns(text);
		if (turns === null) return;
		assert.ok(turns.messages.length >= 2);
	}),
	target(
		'written pairs read back',
		fc.array(fc.tuple(word, word, word), { minLength: 1, maxLength: 6 }),
		(rows) => {
			const pairs = rows
				.filter(([, a, b]) => a.replaceAll(/\s+/gu, ' ').trim() !== b.replaceAll(/\s+/gu, ' ').trim())
				.map(([prompt, chosen, rejected], i) => ({
					...{ id: `x.p${i}`, prompt: { id: 'x', text: prompt, family: null }, chosen, rejected },
					...{ method: 'imported', from: null, edited: false },
				}));
			if (pairs.length === 0) return;
			const { set, skipped } = readPairs('x.jsonl', writePairsJsonl(pairs));
			assert.equal(set.pairs.length + skipped.length, pairs.length);
			assert.deepEqual(
				new Set(
					set.pairs.map(({ prompt, chosen, rejected }) => JSON.stringify([prompt.text, chosen, rejected])),
				),
				new Set(pairs.map(({ prompt, chosen, rejected }) => JSON.stringify([prompt.text, chosen, rejected]))),
			);
			const unpaired = readPairs('x.jsonl', writeUnpairedJsonl(pairs.slice(0, 1)));
			assert.deepEqual(
				unpaired.set.pairs.map(({ chosen, rejected }) => [chosen, rejected]),
				[[pairs[0]?.chosen, pairs[0]?.rejected]],
			);
		},
	),
	target(
		'labelled answers are used once',
		fc.array(
			fc.record({
				prompt: fc.constantFrom('p', '__proto__'),
				answer: fc.constantFrom('a', 'b', 'c', 'constructor'),
				wanted: fc.boolean(),
			}),
			{ maxLength: 30 },
		),
		(rows) => {
			const { pairs, alone } = pairUp(rows);
			const used = [...pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]), ...alone];
			assert.equal(used.length, rows.length);
			assert.equal(new Set(used).size, rows.length);
			for (const { chosen, rejected } of pairs)
				assert.ok(
					chosen.wanted &&
						!rejected.wanted &&
						chosen.prompt === rejected.prompt &&
						chosen.answer !== rejected.answer,
				);
		},
	),
];
