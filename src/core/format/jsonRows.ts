/**
 * The rows of a JSON file in any of its usual containers: JSON Lines, one list (on one line or many), values that follow
 * each other on several lines, a list under a key (`{"data": […]}`), the dataset viewer's `{"rows": [{"row": …}]}`, and
 * columns (`{"prompt": […], "chosen": […]}`, pandas' `to_json`). A row that is not JSON keeps its reason, so that the other
 * rows remain usable. Line numbers are the file's.
 */
import { columnRows } from './columnRows.ts';
import { jsonFault, parseJson, stringEnd } from './json.ts';
import { LineCounter, lineEnd, nextLine } from './text.ts';
import { isRecord } from './record.ts';

/** One row of a file with its line, counted from 1, and its text, cut if it is long. */
export type FileRow = { line: number; text: string } & (
	{ ok: true; value: unknown } | { ok: false; reason: string }
);

/** Longest text of a row that is kept for a list of rows. */
const SHOWN = 200;

export const shown = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

/** The text of a row that its file does not hold as text, cut if it is long. */
export function shownValue(value: object): string {
	try {
		return shown(JSON.stringify(value));
	} catch {
		// Values that are nested too deeply cannot be written; the row itself may still be usable.
		return Array.isArray(value) ? '[…]' : '{…}';
	}
}

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13) || code === 0xfeff;

function skipSpaces(text: string, at: number): number {
	while (at < text.length && isSpace(text.charCodeAt(at))) at++;
	return at;
}

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

const opens = (code: number): boolean => code === OPEN_LIST || code === OPEN_OBJECT;
const closes = (code: number): boolean => code === CLOSE_LIST || code === CLOSE_OBJECT;

/** True where a value without brackets or quotes ends: a number, a word. */
const endsWord = (code: number): boolean => code === COMMA || isSpace(code) || closes(code);

/** Index after the brackets that open at `at`; −1 if brackets or quotes do not close in order. */
function bracketsEnd(text: string, at: number, limit: number): number {
	const open: number[] = [];
	for (let i = at; i < limit; i++) {
		const code = text.charCodeAt(i);
		if (code === QUOTE) {
			const end = quotesEnd(text, i, limit);
			if (end < 0) return -1;
			i = end - 1;
		} else if (opens(code)) open.push(code);
		else if (closes(code)) {
			// A closing bracket is two code points after its opening one.
			if (open.pop() !== code - 2) return -1;
			if (open.length === 0) return i + 1;
		}
	}
	return -1;
}

/** Index after the string that opens at `at`; −1 if it is not closed. */
function quotesEnd(text: string, at: number, limit: number): number {
	const end = stringEnd(text, at, limit);
	return end - 1 > at && text.charCodeAt(end - 1) === QUOTE ? end : -1;
}

/** Index after the value that starts at `at`; −1 if its brackets or quotes do not close in order before `limit`. */
function valueEnd(text: string, at: number, limit = text.length): number {
	const first = text.charCodeAt(at);
	if (opens(first)) return bracketsEnd(text, at, limit);
	if (first === QUOTE) return quotesEnd(text, at, limit);
	let end = at;
	while (end < limit && !endsWord(text.charCodeAt(end))) end++;
	return end;
}

/** After this many rows that do not close, rows are expected to end with their line: looking further costs time. */
const MOST_UNCLOSED = 50;

/** How the rows of a text follow each other: as elements of a list, as lines, or as values of several lines. */
type Layout = 'list' | 'lines' | 'values';

/** A file's text with its lines, which all readers of its parts share. */
interface Source {
	text: string;
	lines: LineCounter;
}

/** Values one after the other, separated by commas or line ends. */
class Values {
	readonly #text: string;
	readonly #lines: LineCounter;
	readonly #layout: Layout;
	#at: number;
	#unclosed = 0;
	/** The line that was last read: many values of one long line look for the same end. `last` is its end without spaces. */
	#line = { start: 0, end: -1, last: -1 };

	constructor({ text, lines }: Source, at: number, layout: Layout) {
		this.#text = text;
		this.#lines = lines;
		this.#at = at;
		this.#layout = layout;
	}

	/** Position after the last row. */
	get at(): number {
		return this.#at;
	}

	/** The next row; null at the end. */
	next(): FileRow | null {
		this.#skipSeparators();
		const start = this.#at;
		const isEnd = this.#layout === 'list' && this.#text.charCodeAt(start) === CLOSE_LIST;
		if (isEnd || start >= this.#text.length) return null;
		const line = this.#lines.lineAt(start);
		this.#at = this.#layout === 'lines' ? this.#endInLine(start) : this.#endOf(start);
		const text = withoutComma(this.#text.slice(start, this.#at).trimEnd());
		return { line, text: shown(text), ...parsed(text) };
	}

	#skipSeparators(): void {
		let at = skipSpaces(this.#text, this.#at);
		while (this.#text.charCodeAt(at) === COMMA) at = skipSpaces(this.#text, at + 1);
		this.#at = at;
	}

	/**
	 * A line that has lost a bracket must not take the next line with it; but a line may hold several values, and a value that
	 * opens at the end of its line may go on.
	 */
	#endInLine(start: number): number {
		const text = this.#text;
		const { end, last } = this.#lineOf(start);
		const first = valueEnd(text, start, last);
		const isFirstOfMany = first > start + 1 && closes(text.charCodeAt(first - 1)) && first < last;
		if (isFirstOfMany && parsed(text.slice(start, first)).ok) return first;
		if (first >= 0 || !opens(text.charCodeAt(last - 1))) return end;
		const whole = this.#endOf(start);
		if (parsed(text.slice(start, whole)).ok) return whole;
		this.#unclosed++;
		return end;
	}

	#lineOf(start: number): { end: number; last: number } {
		if (start < this.#line.start || start > this.#line.end) {
			const end = lineEnd(this.#text, start);
			this.#line = { start, end, last: start + this.#text.slice(start, end).trimEnd().length };
		}
		return this.#line;
	}

	#endOf(start: number): number {
		const end = this.#unclosed > MOST_UNCLOSED ? -1 : valueEnd(this.#text, start);
		if (end > start) return end;
		this.#unclosed++;
		return Math.max(lineEnd(this.#text, start), start + 1);
	}
}

const withoutComma = (text: string): string => (text.endsWith(',') ? text.slice(0, -1) : text);

function parsed(text: string): { ok: true; value: unknown } | { ok: false; reason: string } {
	try {
		return { ok: true, value: parseJson(text) };
	} catch (thrown) {
		// The row keeps the reason, so that one broken row does not make the whole file unusable.
		return { ok: false, reason: `not JSON: ${jsonFault(thrown)}` };
	}
}

/** Lines that are tried before a text counts as values of several lines. */
const TRIED_LINES = 20;

/** Lines with a value, or lines of one value: the first line that is a value, or that ends inside of one, decides. */
function layoutOf(text: string, at: number): Layout {
	for (let tried = 0; tried < TRIED_LINES && at < text.length; tried++) {
		const end = lineEnd(text, at);
		const line = text.slice(at, end).trim();
		if (/^[{"']/.test(line) && parsed(line).ok) return 'lines';
		if (/[[{:]$/.test(line)) return 'values';
		at = skipSpaces(text, nextLine(text, end));
	}
	return 'lines';
}

function readValues(source: Source, at: number, layout: Layout): { rows: FileRow[]; end: number } {
	const values = new Values(source, at, layout);
	const rows: FileRow[] = [];
	for (let row = values.next(); row !== null; row = values.next()) rows.push(row);
	return { rows, end: values.at };
}

/** The rows of a list that is the whole text; null if more follows after it. */
function readList(source: Source, at: number): FileRow[] | null {
	const { rows, end } = readValues(source, at + 1, 'list');
	const rest = skipSpaces(source.text, end + 1);
	return rest >= source.text.length ? rows : null;
}

/** Keys of lists that describe a table and hold no rows. */
const DESCRIPTIONS: ReadonlySet<string> = new Set(['features', 'columns', 'schema', 'fields', 'index']);
/** Deepest object whose lists are looked for. */
const MOST_DEPTH = 4;

interface Member {
	key: string;
	at: number;
}

/** The members of an object whose values are lists or objects, by scanning; values are not parsed. */
function membersOf(text: string, at: number): Member[] {
	const members: Member[] = [];
	let next = skipSpaces(text, at + 1);
	while (text.charCodeAt(next) === QUOTE) {
		const keyEnd = stringEnd(text, next);
		const key = text.slice(next + 1, keyEnd - 1);
		const colon = skipSpaces(text, keyEnd);
		if (text.charCodeAt(colon) !== COLON) break;
		const value = skipSpaces(text, colon + 1);
		const code = text.charCodeAt(value);
		if (code === OPEN_LIST || code === OPEN_OBJECT) members.push({ key, at: value });
		const end = valueEnd(text, value);
		// An unclosed list is the last member; its rows are still read.
		if (end < 0) break;
		next = skipSpaces(text, end);
		if (text.charCodeAt(next) === COMMA) next = skipSpaces(text, next + 1);
	}
	return members;
}

/** The rows of all lists under keys of an object; null if it has none. */
function listsUnderKeys(source: Source, at: number, depth = 0): FileRow[] | null {
	const { text } = source;
	const members = membersOf(text, at).filter(({ key }) => !DESCRIPTIONS.has(key));
	const lists = members.filter((member) => text.charCodeAt(member.at) === OPEN_LIST);
	const rows = lists.map((list) => readValues(source, list.at + 1, 'list').rows).filter(isListOfRows);
	if (rows.length > 0) return rows.flat();
	if (depth >= MOST_DEPTH) return null;
	const inner = members
		.filter((member) => text.charCodeAt(member.at) === OPEN_OBJECT)
		.map((member) => listsUnderKeys(source, member.at, depth + 1))
		.filter((found) => found !== null);
	return inner.length > 0 ? inner.flat() : null;
}

/** The rows of `{"id 1": {…}, "id 2": {…}}`; null if a value is no row. */
function rowsUnderKeys(
	{ text, lines }: Source,
	at: number,
	isRow: (value: object) => boolean,
): FileRow[] | null {
	const rows = membersOf(text, at).map((member): FileRow => {
		const raw = text.slice(member.at, valueEnd(text, member.at));
		return { line: lines.lineAt(member.at), text: shown(raw), ...parsed(raw) };
	});
	const areRows = rows.length > 0 && rows.every((row) => row.ok && isRecord(row.value) && isRow(row.value));
	return areRows ? rows : null;
}

/** True for lists of objects or texts, which can be rows. */
function isListOfRows(rows: readonly FileRow[]): boolean {
	return rows.some((row) => row.ok && (isRecord(row.value) || typeof row.value === 'string'));
}

/** The dataset viewer wraps each row and cuts long cells. */
function unwrapped(row: FileRow): FileRow {
	if (!row.ok || !isRecord(row.value)) return row;
	const { row: inner, truncated_cells: cut } = row.value;
	if (!isRecord(inner)) return row;
	if (!Array.isArray(cut) || cut.length === 0) return { ...row, value: inner };
	const { line, text } = row;
	return {
		line,
		text,
		ok: false,
		reason: `the dataset viewer cut the cells ${cut.join(', ')}; download the file itself`,
	};
}

/** @param at start of the object that is the whole text */
function oneObject(source: Source, at: number, isRow: (value: object) => boolean): FileRow[] {
	const { rows } = readValues(source, at, 'values');
	const [only] = rows;
	if (only?.ok !== true || !isRecord(only.value)) return listsUnderKeys(source, at) ?? rows;
	const columns = columnRows(only.value);
	if (columns !== null) {
		const { line } = only;
		return columns.map((value) => ({ line, text: shownValue(value), ok: true, value }));
	}
	if (isRow(only.value)) return rows;
	return listsUnderKeys(source, at) ?? rowsUnderKeys(source, at, isRow) ?? rows;
}

/**
 * The rows of a JSON text. Blank lines are no rows.
 *
 * @param isRow true for an object that is one row; others may be a container of rows
 */
export function readJsonRows(text: string, isRow: (value: object) => boolean): FileRow[] {
	const source = { text, lines: new LineCounter(text) };
	const at = skipSpaces(text, 0);
	const first = text.charCodeAt(at);
	const list = first === OPEN_LIST ? readList(source, at) : null;
	if (list !== null) return list.map(unwrapped);
	const layout = layoutOf(text, at);
	if (first === OPEN_OBJECT) {
		const end = valueEnd(text, at);
		const isWhole = end >= 0 && skipSpaces(text, end) >= text.length;
		if (isWhole) return oneObject(source, at, isRow).map(unwrapped);
		// The container was cut off; its rows are still read.
		const rows = end < 0 && (layout === 'values' || !hasLines(text, at)) ? listsUnderKeys(source, at) : null;
		if (rows !== null) return rows.map(unwrapped);
	}
	return readValues(source, at, layout).rows.map(unwrapped);
}

const hasLines = (text: string, at: number): boolean => skipSpaces(text, lineEnd(text, at)) < text.length;
