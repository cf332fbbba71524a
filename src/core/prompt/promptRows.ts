/** The rows of a prompt file in any layout, before their texts are checked. */
import type { FileRow } from '../format/jsonRows.ts';
import { readJsonRows, shown } from '../format/jsonRows.ts';
import { columnKey } from '../format/columnKey.ts';
import { fitCells, isMissing, looksLikeTable, readTable, type Table } from '../format/table.ts';
import type { Message } from '../output/output.ts';
import { chooseColumn, type Candidate } from './chooseColumn.ts';
import { Columns, REQUEST_COLUMNS, SYSTEM_COLUMNS } from './columns.ts';
import { firstQuestionOnly, notByUser, unwrapRequest } from './envelope.ts';
import { isFault, tryRow, UnusableRow } from './fault.ts';
import { hasParagraphs, lineRows, paragraphRows, readsAsParagraphs, type TextRow } from './lineRows.ts';
import { readTextOrMessages } from './messages.ts';
import { readRequest } from './request.ts';

/** One row before its checks: its text, or the reason why it has none. `raw` is the row in the file, cut if it is long. */
export type PromptRow = { line: number; raw: string } & RowText;

/** A note names the part that was left out. */
type RowText = { text: string } | { text: string; note: string } | { reason: string };

/** Where the prompts are in a file: a column, or its lines or paragraphs. */
export interface Layout {
	/** Ids of the places that the file offers, with their names on the page. */
	options: readonly { id: string; name: string }[];
	/** The place that was read. */
	chosen: string;
}

export interface PromptRows {
	rows: readonly PromptRow[];
	/** Null if the file offers no choice. */
	layout: Layout | null;
}

const KNOWN: ReadonlySet<string> = new Set(REQUEST_COLUMNS);
const LINE = { id: 'line', name: 'one prompt per line' };
const PARAGRAPH = { id: 'paragraph', name: 'one prompt per paragraph' };
const columnId = (name: string): string => `column:${name}`;
const columnOption = (name: string) => ({ id: columnId(name), name: `the column “${name}”` });

const isSystem = (name: string): boolean => SYSTEM_COLUMNS.includes(columnKey(name));

/** Rows whose texts are compared to choose a column. */
const SAMPLE = 200;

/** The only question of a conversation. */
function onlyQuestion(messages: readonly Message[]): RowText {
	const users = messages.filter(({ role }) => role === 'user');
	const [only] = users;
	if (only === undefined) return { reason: 'the conversation has no user message' };
	if (users.length > 1) return { reason: 'the conversation has more than one user message' };
	const hasSystem = messages.some(({ role, content }) => role === 'system' && content.trim() !== '');
	return hasSystem ? { text: only.content, note: 'its system message was left out' } : { text: only.content };
}

const hasTurns = (columns: Columns): boolean =>
	columns.first(REQUEST_COLUMNS) === undefined && Array.isArray(columns.get('turns'));

/** MT-Bench's `turns` are the user's texts; each but the first follows an answer. */
function firstTurn(turns: unknown): RowText {
	const [first, ...later] = turns as readonly unknown[];
	if (typeof first !== 'string') {
		const content = readTextOrMessages(turns);
		if (isFault(content)) return { reason: content.reason };
		return typeof content === 'string' ? { text: content } : onlyQuestion(content);
	}
	return later.length === 0 ? { text: first } : { text: first, note: 'its later turns were left out' };
}

/** @param names the columns that may hold the prompt, best first */
function fromColumns(columns: Columns, names: readonly string[]): RowText {
	const other = notByUser(columns);
	if (other !== null) return { reason: other };
	if (hasTurns(columns) && names.length > 1) return firstTurn(columns.get('turns'));
	const request = readRequest(columns, names);
	if (request === null) return { reason: `no prompt; the row has ${columns.list}` };
	if (isFault(request)) return { reason: request.reason };
	return typeof request.content === 'string' ? { text: request.content } : onlyQuestion(request.content);
}

/** A row of a file with its columns, a text without columns, or a fault. */
interface Parsed {
	line: number;
	raw: string;
	value: Columns | string | UnusableRow;
}

const isColumns = (value: Parsed['value']): value is Columns => value instanceof Columns;

/** Reads rows of columns: from the chosen column, else from the first one of a known name, else from the best one by content. */
function fromParsed(rows: readonly Parsed[], names: readonly string[], chosen: string | null): PromptRows {
	const isRequest = (row: Columns): boolean => row.first(REQUEST_COLUMNS) !== undefined || hasTurns(row);
	const sample = rows.map(({ value }) => value).filter(isColumns);
	const unknown = sample.filter((row) => !isRequest(row)).slice(0, SAMPLE);
	const candidates = names.map((name): Candidate => ({
		name,
		texts: isSystem(name) ? [] : unknown.map((row) => textOf(row, name)),
	}));
	const best = unknown.length === 0 ? null : chooseColumn(candidates);
	const fallback = best === null ? undefined : names[best];
	const picked = names.find((name) => columnId(name) === chosen);
	const keys =
		picked !== undefined
			? [columnKey(picked)]
			: [...REQUEST_COLUMNS, ...(fallback === undefined ? [] : [columnKey(fallback)])];
	const read = (value: Parsed['value']): RowText => {
		if (typeof value === 'string') return { text: value };
		const text = isFault(value) ? value : tryRow(() => fromColumns(value, keys));
		return isFault(text) ? { reason: text.reason } : text;
	};
	const used = picked ?? names.find((name) => columnKey(name) === usedKey(sample, keys));
	return {
		rows: rows.map(({ line, raw, value }): PromptRow => ({ line, raw, ...read(value) })),
		layout:
			names.length < 2 || used === undefined
				? null
				: { options: names.map(columnOption), chosen: columnId(used) },
	};
}

function usedKey(sample: readonly Columns[], keys: readonly string[]): string | undefined {
	return sample.map((row) => row.first(keys)?.key).find((key) => key !== undefined);
}

function textOf(columns: Columns, name: string): string {
	const value = columns.get(name);
	return typeof value === 'string' ? value : '';
}

function parsedJson(row: FileRow): Parsed {
	const { line, text: raw } = row;
	if (!row.ok) return { line, raw, value: new UnusableRow(row.reason) };
	const { value } = row;
	if (typeof value === 'string') return { line, raw, value };
	if (Array.isArray(value) && value.length > 0)
		return { line, raw, value: new Columns([['messages', value]]) };
	if (typeof value !== 'object' || value === null || Array.isArray(value))
		return { line, raw, value: new UnusableRow('neither a text nor an object') };
	return { line, raw, value: new Columns(unwrapRequest(value)) };
}

/** Names of the columns that hold texts in the first rows. */
function textColumns(rows: readonly Parsed[]): string[] {
	const names = new Map<string, string>();
	for (const { value } of rows.slice(0, SAMPLE)) {
		if (!isColumns(value)) continue;
		for (const name of value.names) if (typeof value.get(name) === 'string') names.set(columnKey(name), name);
	}
	return [...names.values()];
}

export function isPromptRow(value: object): boolean {
	const columns = new Columns(unwrapRequest(value));
	return (
		hasTurns(columns) ||
		columns.names.some((name) => KNOWN.has(columnKey(name)) && name.toLowerCase() !== 'prompts')
	);
}

/** The rows of JSON, or of another file that holds objects. */
export function objectPrompts(rows: readonly FileRow[], chosen: string | null): PromptRows {
	const parsed = rows.map(parsedJson);
	const names = textColumns(parsed);
	const read = fromParsed(parsed, names, chosen);
	return { ...read, rows: [...read.rows, ...otherTexts(parsed, names, read.layout)] };
}

/** The texts of an only row without known columns: each may have been meant as a prompt, so those not read are listed. */
function otherTexts(rows: readonly Parsed[], names: readonly string[], layout: Layout | null): PromptRow[] {
	const [row, ...more] = rows;
	if (layout === null || row === undefined || more.length > 0 || !isColumns(row.value)) return [];
	const { line, value } = row;
	if (value.first(REQUEST_COLUMNS) !== undefined) return [];
	const others = names.filter((name) => columnId(name) !== layout.chosen);
	const reason = `only ${layout.options.find(({ id }) => id === layout.chosen)?.name ?? 'one text'} was read`;
	return others.map((name) => ({ line, raw: shown(`${name}: ${textOf(value, name)}`), reason }));
}

const jsonPrompts = (rows: readonly FileRow[], text: string, chosen: string | null): PromptRows =>
	objectPrompts(firstQuestionOnly(rows, text), chosen);

/** Names of a table's columns; a table without a header counts them. */
function namesOf({ header, width }: Table): string[] {
	if (header !== null) return header.map((name, i) => (name === '' ? `${i + 1}` : name));
	return Array.from({ length: width }, (_, i) => `${i + 1}`);
}

/** The index of the column that is read, by the choice, the names, or the content. */
function wantedColumn(table: Table, names: readonly string[], chosen: string | null): number {
	const picked = names.findIndex((name) => columnId(name) === chosen);
	if (picked >= 0) return picked;
	const keys = names.map(columnKey);
	const known = REQUEST_COLUMNS.map((name) => keys.indexOf(name)).find((index) => index >= 0);
	if (known !== undefined) return known;
	const texts = (column: number): string[] =>
		table.records.slice(0, SAMPLE).map(({ cells }) => cells[column] ?? '');
	const candidates = names.map((name, i): Candidate => ({
		name: table.header === null ? '' : name,
		texts: isSystem(name) ? [] : texts(i),
	}));
	return chooseColumn(candidates) ?? 0;
}

function tablePrompts(text: string, chosen: string | null): PromptRows {
	const table = readTable(text, KNOWN);
	// Lines with commas of their own are no table.
	if (table.header === null && !table.regular) return linePrompts(text, 'line', false);
	const names = namesOf(table);
	const wanted = wantedColumn(table, names, chosen);
	const name = names[wanted] ?? '';
	const rows = table.records.map((record): Parsed => {
		const { line } = record;
		const raw = shown(record.raw);
		const fitted = fitCells(record, names.length, table.delimiter, wanted);
		if ('fault' in fitted) return { line, raw, value: new UnusableRow(fitted.fault) };
		const found = fitted.cells[wanted];
		const cell = found !== undefined && isMissing(found) ? '' : found;
		if (cell === undefined) return { line, raw, value: new UnusableRow(`no column ${wanted + 1}`) };
		return { line, raw, value: table.header === null ? cell : rowColumns(names, fitted.cells, wanted) };
	});
	const options = [...names.map(columnOption), LINE];
	const layout = names.length < 2 ? null : { options, chosen: columnId(name) };
	const read = table.header === null ? plainRows(rows) : fromParsed(rows, names, columnId(name)).rows;
	const before = table.preamble.map(({ line, raw }): PromptRow => ({
		line,
		raw: shown(raw),
		reason: 'before the names of the columns',
	}));
	return { rows: [...before, ...read], layout };
}

/** Rows of a table without a header, whose values are the wanted cells. */
function plainRows(rows: readonly Parsed[]): PromptRow[] {
	return rows.map(({ line, raw, value }): PromptRow =>
		isFault(value)
			? { line, raw, reason: value.reason }
			: { line, raw, text: typeof value === 'string' ? value : '' },
	);
}

/** A missing value of the wanted column is an empty text, so that no other column replaces it. */
function valueOf(cell: string, isWanted: boolean): string | null {
	if (isMissing(cell)) return isWanted ? '' : null;
	return isWanted || cell.trim() !== '' ? cell : null;
}

/** The wanted column is the only request; others may add to it. */
function rowColumns(names: readonly string[], cells: readonly string[], wanted: number): Columns {
	return new Columns(
		cells
			.slice(0, names.length)
			.map((cell, i): [string, unknown] => [names[i] ?? '', valueOf(cell, i === wanted)]),
	);
}

function linePrompts(text: string, chosen: string | null, markdown: boolean): PromptRows {
	const choice = hasParagraphs(text);
	const byParagraph = choice && (chosen === PARAGRAPH.id || (chosen !== LINE.id && readsAsParagraphs(text)));
	const rows = byParagraph ? paragraphRows(text) : lineRows(text, markdown);
	return {
		rows: rows.map(promptRow),
		layout: choice ? { options: [LINE, PARAGRAPH], chosen: byParagraph ? PARAGRAPH.id : LINE.id } : null,
	};
}

function promptRow({ line, raw, text, reason }: TextRow): PromptRow {
	return reason === undefined ? { line, raw: shown(raw), text } : { line, raw: shown(raw), reason };
}

/** The rows of a JSON text, if the text is JSON by its content. */
function rowsIfJson(text: string): FileRow[] | null {
	if (!/^\s*[[{"']/.test(text)) return null;
	const rows = readJsonRows(text, isPromptRow);
	const first = rows.find(({ ok }) => ok);
	if (first?.ok !== true) return null;
	const isData =
		typeof first.value === 'string' || (typeof first.value === 'object' && !Array.isArray(first.value));
	// Prompts in quotes are JSON only if every line is.
	return isData && (typeof first.value !== 'string' || rows.every(({ ok }) => ok)) ? rows : null;
}

/** The text's lines or paragraphs, with the places that the file offers besides. */
function asText(name: string, text: string, chosen: string): PromptRows {
	const read = linePrompts(text, chosen, false);
	const others = readPromptRows(name, text, null).layout;
	const isOffered = others?.options.some(({ id }) => id === chosen) === true;
	return isOffered ? { ...read, layout: { ...others, chosen } } : read;
}

/**
 * The rows of a prompt file. The name's ending decides; without a known one, the content does.
 *
 * @param chosen id of a place from {@link Layout.options}; null to choose by names and content
 */
export function readPromptRows(name: string, text: string, chosen: string | null): PromptRows {
	const ending = /\.(\w+)$/.exec(name.toLowerCase().replace(/\.gz$/, ''))?.[1] ?? '';
	if (chosen === LINE.id || chosen === PARAGRAPH.id) return asText(name, text, chosen);
	if (/^(jsonl|ndjson|json)$/.test(ending)) return jsonPrompts(readJsonRows(text, isPromptRow), text, chosen);
	const json = rowsIfJson(text);
	if (json !== null) return jsonPrompts(json, text, chosen);
	const isMarkdown = ending === 'md' || ending === 'markdown';
	if (/^(csv|tsv|tab)$/.test(ending) || (!isMarkdown && looksLikeTable(text, KNOWN)))
		return tablePrompts(text, chosen);
	return linePrompts(text, chosen, isMarkdown);
}
