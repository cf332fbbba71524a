/** Writes CSV (RFC 4180): every text is quoted, lines end in CRLF. */

export type CsvCell = string | number | null;

const cell = (value: CsvCell): string => {
	if (value === null) return '';
	return typeof value === 'number' ? String(value) : `"${value.replaceAll('"', '""')}"`;
};

export function writeCsv(head: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
	return [head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}
