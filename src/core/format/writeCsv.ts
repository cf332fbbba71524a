/** Writes CSV (RFC 4180): every text is quoted, lines end in CRLF. */

export type CsvCell = string | number | null;

/** Texts that spreadsheets run as formulas. A hyphen and a space begin a list, which no spreadsheet runs. */
const FORMULA = /^(?:[=+@\t\r]|-(?! ))/;

const cell = (value: CsvCell): string => {
	if (value === null) return '';
	if (typeof value === 'number') return String(value);
	// Answers of a model are data: an apostrophe makes a spreadsheet show them as text.
	const text = FORMULA.test(value) ? `'${value}` : value;
	return `"${text.replaceAll('"', '""')}"`;
};

export function writeCsv(head: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
	return [head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}
