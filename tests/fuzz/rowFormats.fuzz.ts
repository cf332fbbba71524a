/** Formats of rows: JSON in its containers, CSV, Python's literals, encodings, turns written as text, labelled answers. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AppError } from '#core/errors.ts';
import { readCsv } from '#core/format/csv.ts';
import { parseJson } from '#core/format/json.ts';
import { readJsonRows } from '#core/format/jsonRows.ts';
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
