/** Finds out how a text is a table: its delimiter, and whether its first row names the columns. */
import { bareKey, columnKey } from './columnKey.ts';
import { readCsv, type CsvRecord } from './csv.ts';
import { markdownTable } from './markdownTable.ts';
import { lineEnd, nextLine } from './text.ts';

export interface Table {
	delimiter: string;
	/** Names of the columns; null if the first row is a row like the others. */
	header: readonly string[] | null;
	records: readonly CsvRecord[];
	/** Records before the header: a title, a date. */
	preamble: readonly CsvRecord[];
	/** Number of columns. */
	width: number;
	/** True if the records have the same number of cells. */
	regular: boolean;
}

const DELIMITERS = ['\t', ';', ',', '|'] as const;

/** Records that are looked at to find the delimiter and the header. */
const SAMPLE = 60;

/** Excel's first line `sep=;`. */
const SEPARATOR = /^"?sep=(.)"?[ \t]*(?=[\r\n]|$)/i;

interface Start {
	text: string;
	/** Given by the file itself. */
	delimiter: string | null;
	firstLine: number;
}

function startOf(text: string): Start {
	const separator = SEPARATOR.exec(text)?.[1];
	if (separator === undefined) return { text, delimiter: null, firstLine: 1 };
	return { text: text.slice(nextLine(text, lineEnd(text, 0))), delimiter: separator, firstLine: 2 };
}

/** How many records have as many cells as the first, if it has several; records with fewer or more count against it. */
function consistency(records: readonly CsvRecord[]): number {
	const width = records[0]?.cells.length ?? 0;
	if (width < 2) return 0;
	const same = records.filter(({ cells, fault }) => fault !== null || cells.length === width).length;
	return same / records.length;
}

/** True if one of the first records has several cells of which one is a known name. */
function hasNames(records: readonly CsvRecord[], known: ReadonlySet<string>): boolean {
	return records
		.slice(0, MOST_PREAMBLE + 1)
		.some(
			({ cells }) => cells.length > 1 && cells.every(isName) && cells.some((cell) => isKnown(cell, known)),
		);
}

/** A delimiter that splits the first row into names of columns is right, even if texts hold it too. */
function delimiterOf({ text, delimiter }: Start, known: ReadonlySet<string>): string {
	if (delimiter !== null) return delimiter;
	const tries = DELIMITERS.map((option) => ({ option, records: readCsv(text, option, 1, SAMPLE) }));
	const named = tries.find(
		({ records }) => (headerIndex(records, known) ?? -1) >= 0 && hasNames(records, known),
	);
	const counted = tries.find(({ records }) => countsRows(records));
	const best = tries
		.map(({ option, records }) => ({ option, score: consistency(records) }))
		.reduce((a, b) => (b.score > a.score ? b : a));
	return named?.option ?? counted?.option ?? (best.score >= 0.7 ? best.option : ',');
}

/** True for what a column may be called: short, without the end of a sentence except that of “Nr.”, no number. */
function isName(cell: string): boolean {
	const text = cell.trim();
	const ends = /[.!?。？！:,]$/.test(text) && !/^\p{L}{1,4}\.$/u.test(text);
	return text.length <= 40 && text.split(/\s+/).length <= 4 && !ends && !isNumber(text);
}

/** True for a known name, also with its language, form or use: “Prompt (EN)”, “prompt_de”, “Prompts for testing”. */
function isKnown(cell: string, known: ReadonlySet<string>): boolean {
	// Without the spaces around it: the pattern tries each of them.
	const text = cell.trim();
	const base = /^(?<name>.+?)(?:\s*[([][^()[\]]*[)\]]|[_-]\p{L}{2})$/u.exec(text)?.groups?.['name'] ?? text;
	return (
		known.has(columnKey(cell)) ||
		known.has(columnKey(base)) ||
		known.has(bareKey(base)) ||
		(known.has('prompt') && PROMPTS_FOR.test(cell))
	);
}

/** A heading of prompts with their use. */
const PROMPTS_FOR = /^\s*prompts?\s+(?:for|from|in|of|to)\s/i;

export const isNumber = (cell: string): boolean => /^\s*[-+]?\d[\d.,]*\s*$/.test(cell);

const words = (cell: string): number => cell.trim().split(/\s+/).length;

/** True if the cells below differ in kind from the first: they are numbers, or sentences. */
function differs(records: readonly CsvRecord[], column: number): boolean {
	const below = records.slice(1).map(({ cells }) => cells[column] ?? '');
	const filled = below.filter((cell) => cell.trim() !== '');
	if (filled.length === 0) return false;
	const name = records[0]?.cells[column] ?? '';
	const isData = (cell: string): boolean =>
		isNumber(cell) || words(cell) >= 2 * words(name) || /[.!?。？！]\s*$/.test(cell);
	return name.trim() !== '' && filled.filter(isData).length > filled.length * 0.7;
}

const DATE = /^\s*\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?!\d)/;

/** True if the first cell names a column of numbers or dates. Forms have questions as names beside their “Timestamp”. */
function namesNumbers(records: readonly CsvRecord[], column: number): boolean {
	const [name = '', ...below] = records.map(({ cells }) => cells[column] ?? '');
	if (name.trim() === '' || !isName(name) || /\d/.test(name) || isMissing(name)) return false;
	return below.length > 1 && below.every((cell) => isNumber(cell) || DATE.test(cell));
}

/** @param known names of columns that make a first row a header; the other rows decide about other names */
function isHeader(records: readonly CsvRecord[], known: ReadonlySet<string>): boolean {
	const [first] = records;
	if (first?.fault === null && first.cells.length > 1 && namesNumbers(records, 0)) return true;
	if (first?.fault !== null || !first.cells.every((cell) => cell.trim() === '' || isName(cell))) return false;
	if (first.cells.some((cell) => isKnown(cell, known))) return true;
	// A list of one column has a header only if its name is known: a first prompt may be short.
	if (first.cells.length < 2 || records.length < 2) return false;
	return first.cells.some((_, column) => differs(records, column));
}

/** Records that may precede the header. */
const MOST_PREAMBLE = 5;

/** The index of the record that names the columns; null if none does. */
function headerIndex(sample: readonly CsvRecord[], known: ReadonlySet<string>): number | null {
	if (isHeader(sample, known)) return 0;
	const after = sample.slice(0, MOST_PREAMBLE + 1).findIndex((record, i) => {
		const names = record.fault === null && namesColumns(sample.slice(i), known) && record.cells.length > 1;
		return names && sample.slice(0, i).every(({ cells }) => filled(cells) < record.cells.length);
	});
	return after < 0 ? null : after;
}

const filled = (cells: readonly string[]): number => cells.filter((cell) => cell.trim() !== '').length;

/** The commonest number of cells; of two, the smaller. */
function commonWidth(records: readonly CsvRecord[]): number {
	const counts = new Map<number, number>();
	for (const { cells, fault } of records)
		if (fault === null) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
	const [most] = [...counts].toSorted((a, b) => b[1] - a[1] || a[0] - b[0]);
	return most?.[0] ?? 1;
}

/** True if the first cells count the records: 1, 2, 3. */
function countsRows(records: readonly CsvRecord[]): boolean {
	const ids = records.map(({ cells }) =>
		cells.length > 1 && /^\s*\d{1,9}\s*$/.test(cells[0] ?? '') ? Number(cells[0]) : NaN,
	);
	return (
		ids.length > 1 && ids.every((id, i) => i === 0 || id === (ids[i - 1] ?? 0) + 1) && !Number.isNaN(ids[0])
	);
}

/** A quoted cell that holds the next row has lost its closing quote. */
function withoutNextRow(record: CsvRecord, delimiter: string): CsvRecord {
	const id = Number(record.cells[0]);
	const holdsNext =
		record.raw.includes(`\n${id + 1}${delimiter}`) || record.raw.includes(`\r${id + 1}${delimiter}`);
	if (!record.quoted || record.cells[0]?.trim() === '' || !Number.isInteger(id) || !holdsNext) return record;
	return { ...record, fault: `the quoted text holds the row ${id + 1}; a quote before it is not closed` };
}

/** @param known names of columns, as `columnKey` writes them */
export function readTable(text: string, known: ReadonlySet<string>): Table {
	const marked = markdownTable(text);
	if (marked !== null) {
		const { header, records, around } = marked;
		return { delimiter: '|', header, records, preamble: around, width: header.length, regular: true };
	}
	const start = startOf(text.replace(/^\uFEFF/, ''));
	const delimiter = delimiterOf(start, known);
	const read = readCsv(start.text, delimiter, start.firstLine);
	const all = read.map((record) => withoutNextRow(record, delimiter));
	const sample = all.slice(0, SAMPLE);
	const header = headerIndex(sample, known);
	if (header !== null) {
		const names = (all[header]?.cells ?? []).map((name) => name.trim());
		const records = all.slice(header + 1);
		return {
			delimiter,
			header: names,
			records,
			preamble: all.slice(0, header),
			width: names.length,
			regular: true,
		};
	}
	const regular =
		start.delimiter !== null ||
		consistency(sample) >= 0.7 ||
		countsRows(sample) ||
		sample.some(({ quoted }) => quoted);
	return { delimiter, header: null, records: all, preamble: [], width: commonWidth(sample), regular };
}

/** True if a text of no known kind is a table: it says so, names its columns, or has the same tabs in every line. */
export function looksLikeTable(text: string, known: ReadonlySet<string>): boolean {
	if (SEPARATOR.test(text) || markdownTable(text) !== null) return true;
	const tries = DELIMITERS.map((delimiter) => readCsv(text, delimiter, 1, SAMPLE));
	if (tries.some((records) => consistency(records) >= 0.7 && namesColumns(records, known))) return true;
	const [byTab = []] = tries;
	return consistency(byTab) === 1 || tries.some(countsRows);
}

/** True if the first row names several columns without spaces around the names, as programs write them. */
function namesColumns(records: readonly CsvRecord[], known: ReadonlySet<string>): boolean {
	const cells = records[0]?.cells ?? [];
	return (
		records.length > 1 &&
		cells.every((cell) => isName(cell) && cell === cell.trim()) &&
		cells.some((cell) => isKnown(cell, known))
	);
}

/** The text of a line that is one cell, with all its delimiters and quotes. */
function wholeCell(raw: string): string {
	const text = raw.trim();
	return text.length > 1 && text.startsWith('"') && text.endsWith('"')
		? text.slice(1, -1).replaceAll('""', '"')
		: raw;
}

/** The cells of a record by column, or the reason why the borders of its cells are unknown. */
export type Fitted = { cells: readonly string[] } | { fault: string };

/**
 * The cells of a record under a header of `width` columns. A record has more cells if a text holds the delimiter without
 * quotes; then only a last column, if it is the wanted one, has grown without doubt.
 */
export function fitCells(record: CsvRecord, width: number, delimiter: string, wanted: number): Fitted {
	const { fault, quoted, raw } = record;
	if (fault !== null) return { fault };
	if (width === 1 && record.cells.length > 1) return { cells: [wholeCell(raw)] };
	const last = record.cells.findLastIndex((cell) => cell.trim() !== '');
	const cells = record.cells.slice(0, Math.max(width, last + 1));
	if (cells.length <= width) return { cells };
	if (wanted === width - 1 && !quoted)
		return { cells: [...cells.slice(0, width - 1), cells.slice(width - 1).join(delimiter)] };
	return {
		fault: `${cells.length} cells under ${width} columns; put texts that hold “${delimiter}” in quotes`,
	};
}

/** Cells without a value, as SQL, pandas, Python and Excel write them. */
const MISSING: ReadonlySet<string> = new Set(['NULL', 'null', 'NaN', 'nan', 'None', '#N/A', 'N/A']);

/** True for a cell that says that it has no value. */
export const isMissing = (cell: string): boolean => MISSING.has(cell.trim());
