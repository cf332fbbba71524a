/**
 * A grid as one typed line: `objective: apo_zero, apo_down; beta: 0.1, 1; seed: 1..3`. A value is a number, a range of whole
 * numbers, a word, a formula, or JSON. A comma inside parentheses, brackets or quotes belongs to its value.
 */
import { FormatError } from '../errors.ts';
import { isRangeText, readRange } from './range.ts';
import { settingNamed, unknownSetting } from './setting.ts';

/** Characters. */
const LINE_LIMIT = 10_000;

/** A part of the line. */
interface Part {
	readonly text: string;
	/** Index in the line. */
	readonly start: number;
}

const OPENS = '([{';
const CLOSES = ')]}';

/**
 * The same grid as JSON, for `readGrid`.
 *
 * @throws FormatError `grid-line` · `grid-range` · `grid-setting-unknown`, naming the column
 */
export function readGridLine(line: string): { schema: 1; vary: Record<string, unknown[]> } {
	if (line.length > LINE_LIMIT)
		throw fault(
			`The line has ${line.length} characters`,
			`A line takes at most ${LINE_LIMIT}; write a file of JSON.`,
		);
	const parts = split({ text: line, start: 0 }, ';\n').filter(({ text }) => text.trim() !== '');
	if (parts.length === 0) throw fault('The line is empty', EXAMPLE);
	const vary = new Map<string, unknown[]>();
	for (const part of parts) {
		const { name, values } = readSetting(part);
		if (vary.has(name))
			throw fault(`${at(part)}: “${name}” is there twice`, 'Write all its values at one place.');
		vary.set(name, values);
	}
	return { schema: 1, vary: Object.fromEntries(vary) };
}

const EXAMPLE = 'For example: objective: apo_zero, apo_down; beta: 0.1, 1; seed: 1..3';

function fault(what: string, hint: string): FormatError {
	return new FormatError(`${what}.`, { code: 'grid-line', hint });
}

/** @returns "Column 12" */
function at({ text, start }: Part): string {
	return `Column ${start + 1 + (text.length - text.trimStart().length)}`;
}

function readSetting(part: Part): { name: string; values: unknown[] } {
	const colon = part.text.indexOf(':');
	if (colon < 0) throw fault(`${at(part)}: a colon is missing after the name of the setting`, EXAMPLE);
	const name = part.text.slice(0, colon).trim();
	if (settingNamed(name) === null) throw unknownSetting(name, at(part));
	const values = split({ text: part.text.slice(colon + 1), start: part.start + colon + 1 }, ',');
	return { name, values: values.flatMap(readValue) };
}

function readValue(part: Part): unknown[] {
	const text = part.text.trim();
	if (text === '') throw fault(`${at(part)}: a value is missing`, 'Remove the comma, or write a value.');
	if (isRangeText(text)) return readRange(text, at(part));
	if (/^["[{]/.test(text)) return [readJson(text, part)];
	const number = Number(text);
	return [!Number.isFinite(number) || /^0[box]/i.test(text) ? text : number];
}

function readJson(text: string, part: Part): unknown {
	try {
		return JSON.parse(text);
	} catch {
		throw fault(
			`${at(part)}: this value is not JSON`,
			'Close its quotes and brackets, or write it without them.',
		);
	}
}

/** Splits at the signs that are outside of quotes and brackets. An unclosed bracket ends with the text. */
function split({ text, start }: Part, signs: string): Part[] {
	const parts: Part[] = [];
	let [from, depth, quoted] = [0, 0, false];
	for (let i = 0; i < text.length; i++) {
		const sign = text.charAt(i);
		if (sign === '"') quoted = !quoted;
		else if (quoted) i += Number(sign === '\\');
		else if (OPENS.includes(sign)) depth++;
		else if (CLOSES.includes(sign)) depth = Math.max(0, depth - 1);
		else if (depth === 0 && signs.includes(sign)) {
			parts.push({ text: text.slice(from, i), start: start + from });
			from = i + 1;
		}
	}
	parts.push({ text: text.slice(from), start: start + from });
	return parts;
}
