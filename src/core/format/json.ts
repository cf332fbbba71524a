/** JSON as programs and people write it: with Python's NaN and Infinity, with comments, or as Python prints dicts. */
import { parsePythonLiteral } from './pythonLiteral.ts';
import { strictJson } from './relaxedJson.ts';

/** Index after the string that opens at `at`; `limit` if the string is not closed before it. */
export function stringEnd(text: string, at: number, limit = text.length): number {
	for (let i = at + 1; i < limit; i++) {
		const code = text.charCodeAt(i);
		if (code === 92) i++;
		else if (code === 34) return i + 1;
	}
	return limit;
}

const NOT_FINITE = /-?(?:NaN|Infinity)\b/y;

/** Writes null for NaN and Infinity outside of strings: JSON has no such numbers, and no row needs them. */
function withoutNonFinite(text: string): string {
	const parts: string[] = [];
	let start = 0;
	for (let i = 0; i < text.length; i++) {
		const letter = text.charAt(i);
		if (letter === '"') i = stringEnd(text, i) - 1;
		if (letter !== 'N' && letter !== 'I' && letter !== '-') continue;
		NOT_FINITE.lastIndex = i;
		const found = NOT_FINITE.exec(text)?.[0];
		if (found === undefined) continue;
		parts.push(text.slice(start, i), 'null');
		start = i + found.length;
		i = start - 1;
	}
	return parts.length === 0 ? text : parts.join('') + text.slice(start);
}

const parseNonFinite = (text: string): unknown => JSON.parse(withoutNonFinite(text));
const parseRelaxed = (text: string): unknown => parseNonFinite(strictJson(text));

/** The place in a message of V8 (`(line 1 column 2)`) and of Firefox (`at line 1 column 2 of the JSON data`). */
const PLACE = / (?:\(line \d+ column \d+\)|at line \d+ column \d+ of the JSON data)$/;

/**
 * Parses JSON in which numbers may be NaN or Infinity (read as null), with comments and trailing commas, or a dict or list as Python
 * prints it.
 *
 * @throws SyntaxError or RangeError, of `JSON.parse`
 */
export function parseJson(text: string): unknown {
	let fault: unknown;
	const forms = /NaN|Infinity/.test(text) ? [JSON.parse, parseNonFinite] : [JSON.parse];
	for (const parse of forms) {
		try {
			return parse(text) as unknown;
		} catch (thrown) {
			// If NaN is the only fault of a text, the second form has none; otherwise the second fault is the one to mend.
			fault = thrown;
		}
	}
	for (const parse of [parseRelaxed, parsePythonLiteral]) {
		try {
			return parse(text);
		} catch {
			// The fault of JSON helps more: users write no Python by hand here.
		}
	}
	throw fault;
}

/** The parser's message without its line number, which is always 1 because each row is parsed alone. */
export function parserMessage(thrown: unknown): string {
	const message = thrown instanceof Error ? thrown.message : String(thrown);
	return message.replace(PLACE, '');
}
