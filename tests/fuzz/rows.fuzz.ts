/** Files of rows: for any bytes, an import gives rows and reasons or an error with a hint, and loses no row. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AppError } from '#core/errors.ts';
import { importPairs, readPairs, type PairImport } from '#core/pair/importPairs.ts';
import { writePairsJsonl, writeUnpairedJsonl } from '#core/pair/jsonl.ts';
import { FileSets, readPairFacts, readSetFacts } from '#core/pair/set/setColumns.ts';
import { readPairRow } from '#core/pair/trl.ts';
import { importPrompts, readPrompts, type PromptImport } from '#core/prompt/importPrompts.ts';
import { readParquet } from '#runtime/rows/parquet.ts';
import { hostileBytes, hostileText } from './hostileText.ts';
import { type FuzzTarget, target } from './target.ts';

const fileName = fc.constantFrom(
	'x.jsonl',
	'x.json',
	'x.csv',
	'x.tsv',
	'x.txt',
	'x.md',
	'x.yaml',
	'x.py',
	'x.js',
	'the pasted text',
	'x',
	'x.gz',
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
			'open',
			'provenance',
			'set',
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

export const targets: FuzzTarget[] = [
	target('pairs of any text', fc.tuple(fileName, hostileText), ([name, text]) => checkPairs(name, text)),
	target(
		'prompts of any text',
		fc.tuple(fileName, hostileText, fc.constantFrom(null, 'line', 'paragraph', 'column:prompt', 'column:1')),
		([name, text, layout]) => checkPrompts(name, text, layout),
	),
	target('files of any bytes', fc.tuple(fileName, hostileBytes), async ([name, content]) => {
		await checkBytes(() => importPairs(name, new Uint8Array(content), readParquet));
		await checkBytes(() => importPrompts(name, new Uint8Array(content), readParquet));
	}),
	target('pair rows of any value', row, (value) => void readPairRow(value)),
	target('columns of sets of any value', fc.array(row, { maxLength: 5 }), (rows) => {
		const sets = new FileSets();
		for (const value of rows) {
			sets.add(readSetFacts(value));
			const { origin } = sets.placed(readPairFacts(value));
			assert.ok(origin === undefined || origin < (sets.facts?.origins.length ?? 0));
		}
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
];
