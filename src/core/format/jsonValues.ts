/** Values of JSON one after the other, as elements of a list, as lines, or over several lines; broken ones keep their reason. */
import { parserMessage, parseJson } from './json.ts';
import { CLOSE_LIST, closes, COMMA, opens, skipSpaces, valueEnd } from './jsonScan.ts';
import { type FileRow, shown } from './rows.ts';
import { type LineCounter, lineEnd, nextLine } from './text.ts';

/** After this many rows that do not close, rows are expected to end with their line: looking further costs time. */
const MOST_UNCLOSED = 50;

/** How the rows of a text follow each other: as elements of a list, as lines, or as values of several lines. */
export type Layout = 'list' | 'lines' | 'values';

/** A file's text with its lines, which all readers of its parts share. */
export interface Source {
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

export function parsed(text: string): { ok: true; value: unknown } | { ok: false; reason: string } {
	try {
		return { ok: true, value: parseJson(text) };
	} catch (thrown) {
		// The row keeps the reason, so that one broken row does not make the whole file unusable.
		return { ok: false, reason: `not JSON: ${parserMessage(thrown)}` };
	}
}

/** Lines that are tried before a text counts as values of several lines. */
const TRIED_LINES = 20;

/** Lines with a value, or lines of one value: the first line that is a value, or that ends inside of one, decides. */
export function layoutOf(text: string, at: number): Layout {
	for (let tried = 0; tried < TRIED_LINES && at < text.length; tried++) {
		const end = lineEnd(text, at);
		const line = text.slice(at, end).trim();
		if (/^[{"']/.test(line) && parsed(line).ok) return 'lines';
		if (/[[{:]$/.test(line)) return 'values';
		at = skipSpaces(text, nextLine(text, end));
	}
	return 'lines';
}

export function readValues(source: Source, at: number, layout: Layout): { rows: FileRow[]; end: number } {
	const values = new Values(source, at, layout);
	const rows: FileRow[] = [];
	for (let row = values.next(); row !== null; row = values.next()) rows.push(row);
	return { rows, end: values.at };
}
