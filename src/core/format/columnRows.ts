/** Tables stored by column: `{"prompt": ["a", "b"]}`, and pandas' `to_json` with its index or in two parts. */
import { isRecord } from './record.ts';

type Row = Record<string, unknown>;

/** `{"columns": ["prompt"], "data": [["a"], ["b"]]}`, pandas' `orient="split"`. */
function splitTable({ columns, data }: Row): Row[] | null {
	if (!Array.isArray(columns) || !Array.isArray(data) || !data.every(Array.isArray)) return null;
	const names = columns.map(String);
	return data.map((cells: readonly unknown[]) =>
		Object.fromEntries(names.map((name, i) => [name, cells[i]])),
	);
}

/** `{"prompt": {"0": "a", "1": "b"}, "chosen": {…}}`, pandas' default. */
function indexedColumns(table: Row): Row[] | null {
	const columns = Object.entries(table);
	const [first] = columns;
	if (first === undefined || !columns.every(([, column]) => isRecord(column))) return null;
	const keys = Object.keys(first[1] as Row);
	const isIndex = (column: unknown): boolean => {
		const own = Object.keys(column as Row);
		return own.length === keys.length && own.every((key, i) => key === keys[i] && /^\d+$/.test(key));
	};
	if (keys.length === 0 || !columns.every(([, column]) => isIndex(column))) return null;
	return keys.map((key) => Object.fromEntries(columns.map(([name, column]) => [name, (column as Row)[key]])));
}

/** `{"prompt": ["a", "b"], "chosen": ["c", "d"]}`; lists of one length, of which one at least holds texts. */
function listColumns(table: Row): Row[] | null {
	const columns = Object.entries(table).filter((entry): entry is [string, unknown[]] =>
		Array.isArray(entry[1]),
	);
	const length = columns[0]?.[1].length ?? 0;
	const isTable =
		columns.length > 1 &&
		columns.length === Object.keys(table).length &&
		columns.every(([, column]) => column.length === length) &&
		columns.some(([, column]) => column.every((cell) => typeof cell === 'string'));
	if (!isTable) return null;
	return Array.from({ length }, (_, i) =>
		Object.fromEntries(columns.map(([name, column]) => [name, column[i]])),
	);
}

/** The rows of a table that is stored by column; null if the object is no such table. */
export function columnRows(table: Readonly<Row>): Row[] | null {
	return splitTable(table) ?? indexedColumns(table) ?? listColumns(table);
}
