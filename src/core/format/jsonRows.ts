/**
 * The rows of a JSON file in any of its usual containers: JSON Lines, one list (on one line or many), values that follow
 * each other on several lines, a list under a key (`{"data": […]}`), the dataset viewer's `{"rows": [{"row": …}]}`, and
 * columns (`{"prompt": […], "chosen": […]}`, pandas' `to_json`). A row that is not JSON keeps its reason, so that the other
 * rows remain usable. Line numbers are the file's.
 */
import { columnRows } from './columnRows.ts';
import { stringEnd } from './json.ts';
import {
	COLON,
	COMMA,
	OPEN_LIST,
	OPEN_OBJECT,
	QUOTE,
	RECORD_SEPARATOR,
	skipSpaces,
	valueEnd,
} from './jsonScan.ts';
import { layoutOf, parsed, readValues, type Source } from './jsonValues.ts';
import { isRecord } from './record.ts';
import { withoutComments } from './relaxedJson.ts';
import { type FileRow, shown, shownValue } from './rows.ts';
import { LineCounter, lineEnd } from './text.ts';

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

/** The texts between record separators (RFC 7464): a broken one costs no other. */
function sequence({ text, lines }: Source): FileRow[] {
	const rows: FileRow[] = [];
	let end = 0;
	for (const part of text.split(String.fromCharCode(RECORD_SEPARATOR))) {
		const start = skipSpaces(text, end);
		end += part.length + 1;
		const raw = part.trim();
		if (raw !== '') rows.push({ line: lines.lineAt(start), text: shown(raw), ...parsed(raw) });
	}
	return rows;
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
	const rows = rowsOf(text, isRow);
	const faults = faultsOf(rows);
	const plain = faults > 0 ? withoutComments(text) : text;
	if (plain === text) return rows;
	const withComments = rowsOf(plain, isRow);
	// Two slashes in a text of Python or behind a lost quote are no comment.
	return faultsOf(withComments) < faults ? withComments : rows;
}

const faultsOf = (rows: readonly FileRow[]): number => rows.filter(({ ok }) => !ok).length;

function rowsOf(text: string, isRow: (value: object) => boolean): FileRow[] {
	const source = { text, lines: new LineCounter(text) };
	if (text.trimStart().charCodeAt(0) === RECORD_SEPARATOR) return sequence(source).map(unwrapped);
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
