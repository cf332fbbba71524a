/** Tables of Markdown: `| prompt | answer |`, a line of dashes, and rows. Reads them with the file's line numbers. */
import type { CsvRecord } from './csv.ts';
import { linesOf } from './text.ts';

export interface MarkdownTable {
	header: readonly string[];
	records: readonly CsvRecord[];
	/** Lines before and after the table: a heading, a sentence. */
	around: readonly CsvRecord[];
}

const RULE_CELL = /^:?-+:?$/;
const ITEM = /^\s*(?:[-*+•]|\d{1,5}[.)])\s/;
/** Lines before and after a table that may be part of its file. */
const MOST_AROUND = 5;

/** The cells of a row, without outer spaces; a bar behind a backslash belongs to the text. */
function cellsOf(line: string): string[] {
	const text = line.trim();
	const cells: string[] = [];
	let start = text.startsWith('|') ? 1 : 0;
	for (let i = start; i < text.length; i++) {
		const letter = text.charAt(i);
		if (letter === '\\') i++;
		else if (letter === '|') {
			cells.push(text.slice(start, i));
			start = i + 1;
		}
	}
	if (start < text.length) cells.push(text.slice(start));
	return cells.map((cell) => cell.replaceAll('\\|', '|').trim());
}

const isRule = (cells: readonly string[]): boolean =>
	cells.length > 0 && cells.every((cell) => RULE_CELL.test(cell));

interface Line {
	line: number;
	text: string;
}

const record = ({ line, text }: Line, cells: readonly string[]): CsvRecord => ({
	...{ line, raw: text, cells, quoted: false, fault: null },
});

/** The place of the line of dashes under the names of the columns; −1 if there is none near the start. */
function ruleIndex(lines: readonly Line[]): number {
	return lines.slice(0, MOST_AROUND + 2).findIndex(({ text }, i) => {
		const names = lines[i - 1]?.text ?? '';
		if (!text.includes('-') || !text.includes('|') || !names.includes('|')) return false;
		const cells = cellsOf(text);
		return isRule(cells) && cellsOf(names).length === cells.length;
	});
}

/** The table that is the whole text, apart from a few lines around it; null if there is none. */
export function markdownTable(text: string): MarkdownTable | null {
	if (!text.includes('|')) return null;
	const lines = [...linesOf(text)].filter((line) => line.text.trim() !== '');
	const rule = ruleIndex(lines);
	if (rule < 1) return null;
	const body = lines.slice(rule + 1);
	const last = body.findLastIndex((line) => line.text.includes('|'));
	const rows = body.slice(0, last + 1);
	const around = [...lines.slice(0, rule - 1), ...body.slice(last + 1)];
	const isWhole = rows.length > 0 && rows.every((line) => line.text.includes('|'));
	// Items of a list are rows of their own.
	if (!isWhole || around.length > MOST_AROUND || around.some(({ text: part }) => ITEM.test(part)))
		return null;
	const header = cellsOf(lines[rule - 1]?.text ?? '');
	return {
		header,
		records: rows.map((line) => {
			const cells = cellsOf(line.text);
			const fault = `${cells.length} cells under ${header.length} columns; write a bar inside of a text as “\\|”`;
			return { ...record(line, cells), ...(cells.length > header.length ? { fault } : {}) };
		}),
		around: around.map((line) => record(line, [line.text])),
	};
}
