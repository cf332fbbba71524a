/** Prompts of JSON, and of other files that hold objects. */
import { columnKey } from '../format/columnKey.ts';
import { readJsonRows } from '../format/jsonRows.ts';
import { skipSpaces } from '../format/jsonScan.ts';
import { type FileRow, shown } from '../format/rows.ts';
import { fromParsed, hasTurns, isColumns, type Parsed, SAMPLE, textOf } from './columnPrompts.ts';
import { Columns, REQUEST_COLUMNS, REQUEST_KEYS } from './columns.ts';
import { firstQuestionOnly, unwrapRequest } from './envelope.ts';
import { UnusableRow } from './fault.ts';
import { withArticles } from './nestedQuestions.ts';
import { columnId, type Layout, type PromptRow, type PromptRows } from './layout.ts';

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
		columns.names.some((name) => REQUEST_KEYS.has(columnKey(name)) && name.toLowerCase() !== 'prompts')
	);
}

/** The rows of JSON, or of another file that holds objects. */
export function objectPrompts(rows: readonly FileRow[], chosen: string | null): PromptRows {
	const parsed = withArticles(rows).map(parsedJson);
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

export const jsonPrompts = (rows: readonly FileRow[], text: string, chosen: string | null): PromptRows =>
	objectPrompts(firstQuestionOnly(rows, text), chosen);

/** The rows of a JSON text, if the text is JSON by its content. */
export function rowsIfJson(text: string): FileRow[] | null {
	if (!/^(?:[[{"']|\/[/*])/.test(text.slice(skipSpaces(text), skipSpaces(text) + 2))) return null;
	const rows = readJsonRows(text, isPromptRow);
	const first = rows.find(({ ok }) => ok);
	if (first?.ok !== true) return null;
	const isData =
		typeof first.value === 'string' || (typeof first.value === 'object' && !Array.isArray(first.value));
	// Prompts in quotes are JSON only if every line is.
	return isData && (typeof first.value !== 'string' || rows.every(({ ok }) => ok)) ? rows : null;
}
