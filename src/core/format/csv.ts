/**
 * Reads CSV (RFC 4180) with the file's line numbers, also if its quotes are broken: papaparse counts rows instead of lines and
 * lets a quote that is never closed take all later rows with it.
 */
import { LineCounter, lineEnd, nextLine } from './text.ts';

/** One record: its cells, or the reason why its quotes make no sense. */
export interface CsvRecord {
	line: number;
	/** The record as the file has it. */
	raw: string;
	cells: readonly string[];
	/** True if a cell is quoted. */
	quoted: boolean;
	fault: string | null;
}

interface Cell {
	text: string;
	/** Index after the cell, of a delimiter or a line end. */
	end: number;
	quoted: boolean;
}

const UNCLOSED = 'a quote is opened and not closed';

class CsvReader {
	readonly #text: string;
	readonly #delimiter: string;
	/** The line in which a quoted cell was last opened: many cells of one long line look for the same end. */
	#line = { start: 0, end: -1 };

	constructor(text: string, delimiter: string) {
		this.#text = text;
		this.#delimiter = delimiter;
	}

	/** The record that starts at `start`, and where it ends. */
	record(start: number): { cells: string[]; end: number; quoted: boolean; fault: string | null } {
		const cells: string[] = [];
		let quoted = false;
		for (let at = start; ;) {
			const cell = this.#cell(at);
			if (cell === null) {
				// The rest of the line alone is lost: the next line may be the next row.
				const end = lineEnd(this.#text, start);
				return { cells: [], end, quoted: true, fault: UNCLOSED };
			}
			cells.push(cell.text);
			quoted ||= cell.quoted;
			if (!this.#isDelimiter(cell.end)) return { cells, end: cell.end, quoted, fault: null };
			at = cell.end + this.#delimiter.length;
		}
	}

	#isDelimiter(at: number): boolean {
		return this.#text.startsWith(this.#delimiter, at);
	}

	/** True at a delimiter, a line end or the end of the text. */
	#isEnd(at: number): boolean {
		const letter = this.#text.charAt(at);
		return letter === '' || letter === '\n' || letter === '\r' || this.#isDelimiter(at);
	}

	#lineEnd(at: number): number {
		const { start, end } = this.#line;
		if (at < start || at > end) this.#line = { start: at, end: lineEnd(this.#text, at) };
		return this.#line.end;
	}

	#cell(start: number): Cell | null {
		const spaces = /[ ]*/y;
		spaces.lastIndex = start;
		const first = start + (spaces.exec(this.#text)?.[0].length ?? 0);
		if (this.#text.charAt(first) === '"') return this.#quoted(first);
		let end = start;
		while (!this.#isEnd(end)) end++;
		return { text: this.#text.slice(start, end), end, quoted: false };
	}

	/**
	 * A quoted cell. A quote in its middle that is not doubled belongs to the text, if the cell ends in its own line; a cell of
	 * several lines with such a quote has lost its closing one.
	 */
	#quoted(open: number): Cell | null {
		const text = this.#text;
		const firstLine = this.#lineEnd(open);
		let stray = false;
		for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 1)) {
			if (text.charAt(at + 1) === '"' && !(stray && this.#isEnd(at + 2))) {
				at++;
				continue;
			}
			let end = at + 1;
			while (text.charAt(end) === ' ') end++;
			if (this.#isEnd(end)) {
				const inner = text.slice(open + 1, at);
				return { text: inner.replaceAll('""', '"'), end, quoted: true };
			}
			stray = true;
			if (at > firstLine) return null;
		}
		return null;
	}
}

/** Quotes that do not close in one file, before further ones are not looked for: each look costs the rest of the file. */
const MOST_UNCLOSED = 200;

/**
 * The records of a text, without blank lines.
 *
 * @param firstLine number of the text's first line
 */
export function readCsv(text: string, delimiter: string, firstLine = 1, most = Infinity): CsvRecord[] {
	const reader = new CsvReader(text, delimiter);
	const lines = new LineCounter(text, firstLine);
	const records: CsvRecord[] = [];
	let unclosed = 0;
	for (let at = 0; at < text.length && records.length < most;) {
		const line = lines.lineAt(at);
		const { cells, end, quoted, fault } =
			unclosed < MOST_UNCLOSED
				? reader.record(at)
				: {
						cells: [],
						end: lineEnd(text, at),
						quoted: true,
						fault: 'too many quotes of the file are not closed',
					};
		if (fault !== null) unclosed++;
		const raw = text.slice(at, end);
		if (raw.trim() !== '' && (fault !== null || cells.some((cell) => cell.trim() !== '')))
			records.push({ line, raw, cells, quoted, fault });
		at = nextLine(text, end);
	}
	return records;
}
