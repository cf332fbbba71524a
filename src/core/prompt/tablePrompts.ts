/** Prompts of tables. */
import { columnKey } from '../format/columnKey.ts';
import { shown } from '../format/rows.ts';
import { fitCells, isMissing, readTable, type Table } from '../format/table.ts';
import { type Candidate, chooseColumn } from './chooseColumn.ts';
import { fromParsed, isSystem, type Parsed, SAMPLE } from './columnPrompts.ts';
import { Columns, REQUEST_COLUMNS, REQUEST_KEYS } from './columns.ts';
import { isFault, UnusableRow } from './fault.ts';
import { columnId, columnOption, LINE, type PromptRow, type PromptRows } from './layout.ts';
import { linePrompts } from './linePrompts.ts';

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

export function tablePrompts(text: string, chosen: string | null): PromptRows {
	const table = readTable(text, REQUEST_KEYS);
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
