/** Formats of rows: JSON in its containers, CSV, Python's literals, encodings, turns written as text, labelled answers. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AppError } from '#core/errors.ts';
import { readCsv } from '#core/format/csv.ts';
import { parseJson } from '#core/format/json.ts';
import { readJsonRows } from '#core/format/jsonRows.ts';
import { markdownTable } from '#core/format/markdownTable.ts';
import { withoutComments } from '#core/format/relaxedJson.ts';
import { yamlRows } from '#core/format/yamlRows.ts';
import { userTurns, withArticles } from '#core/prompt/nestedQuestions.ts';
import { parsePythonLiteral } from '#core/format/pythonLiteral.ts';
import { decodeText } from '#core/format/decode.ts';
import { pairUp } from '#core/pair/pairUp.ts';
import { readTurns } from '#core/prompt/turns.ts';
import { hostileBytes, hostileText } from './hostileText.ts';
import { type FuzzTarget, target } from './target.ts';

function checkText(bytes: Uint8Array): void {
	try {
		decodeText(bytes, 'x');
	} catch (thrown) {
		assert.ok(thrown instanceof AppError && thrown.hint !== '', String(thrown));
	}
}

export const targets: FuzzTarget[] = [
	target('text of any bytes', hostileBytes, checkText),
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
	target('comments and trailing commas change no value', fc.jsonValue({ maxDepth: 3 }), (value) => {
		const text = JSON.stringify(value, null, 1);
		const relaxed = text
			.replace(/$/gm, ' // "a, [')
			.replace(/(?<=[\]}"\d])(?=\s*\/\/[^\n]*\n\s*[\]}])/g, ',');
		assert.deepEqual(parseJson(`/* {" */ ${relaxed}`), JSON.parse(text));
	}),
	target('comments of any text', hostileText, (text) => {
		const plain = withoutComments(text);
		assert.equal(plain.length, text.length);
		assert.equal(plain.split(/\r\n|\r|\n/).length, text.split(/\r\n|\r|\n/).length);
	}),
	target('UTF-32 comes back', fc.tuple(fc.string({ unit: 'binary' }), fc.boolean()), ([text, big]) => {
		const letters = Array.from(`\ufeff${text}`.replace(/\p{Surrogate}/gu, '\ufffd'));
		const view = new DataView(new ArrayBuffer(4 * letters.length));
		letters.forEach((letter, i) => view.setUint32(4 * i, letter.codePointAt(0) ?? 0, !big));
		assert.equal(decodeText(new Uint8Array(view.buffer), 'x'), letters.slice(1).join(''));
	}),
	target(
		'YAML gives back its texts',
		fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 5 }),
		(texts) => {
			const text = texts.map((one) => `- ${JSON.stringify(one)} # "\n`).join('');
			assert.deepEqual(
				yamlRows(`a:\n${text}`)?.map((row) => row.ok && row.value),
				texts,
			);
		},
	),
	target('YAML of any text', hostileText, (text) => void yamlRows(text)),
	target('tables of Markdown of any text', hostileText, (text) => {
		const table = markdownTable(`| a | b |\n|---|---|\n${text}`);
		for (const { cells } of table?.records ?? []) for (const cell of cells) assert.equal(cell, cell.trim());
	}),
	target(
		'nested rows of any value',
		fc.dictionary(
			fc.constantFrom('mapping', 'chat_messages', 'paragraphs', '__proto__'),
			fc.oneof(
				fc.jsonValue(),
				fc.dictionary(
					fc.constantFrom('a', 'b'),
					fc.record({
						message: fc.jsonValue(),
						parent: fc.constantFrom(null, 'a', 'b'),
						children: fc.array(fc.constantFrom('a', 'b', '__proto__')),
					}),
				),
				fc.array(fc.record({ context: fc.jsonValue(), qas: fc.jsonValue() })),
			),
		),
		(value) => {
			assert.ok(withArticles([{ line: 1, text: '', ok: true, value }]).length > 0);
			const { turns } = userTurns(value) as { turns?: unknown };
			if (turns !== undefined && Array.isArray(turns) && !('turns' in value))
				assert.ok(turns.every((turn) => typeof turn === 'string'));
		},
	),
	target('turns of any text', hostileText, (text) => {
		const turns = readTurns(text);
		if (turns === null) return;
		assert.ok(turns.messages.length >= 2);
	}),
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
