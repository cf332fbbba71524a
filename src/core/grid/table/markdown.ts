/** A results table in Markdown. */
import { belowTexts, changeText, exportedCaption, progressText } from './words.ts';
import type { GridTable, TableEntry } from './table.ts';

export function tableMarkdown(table: GridTable): string {
	const [head = [], ...rows] = markdownCells(table);
	const lines = [head, head.map((_, i) => (i === 0 ? ':--' : '--:')), ...rows];
	return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n\n${markdownText(exportedCaption(table))}\n`;
}

/** The cells of the table, the head first. */
export function markdownCells({ rowTitle, columnTitle, columns, rows }: GridTable): readonly string[][] {
	const corner = columnTitle === null ? rowTitle : `${rowTitle} \\ ${columnTitle}`;
	return [
		[corner, ...columns].map(markdownText),
		...rows.map(({ label, entries }) => [markdownText(label), ...entries.map(entryText)]),
	];
}

function entryText(entry: TableEntry): string {
	const { change, rank } = entry;
	if (change === null) return progressText(entry) || '–';
	const value = rank === 'best' ? `**${changeText(change)}**` : changeText(change);
	const mark = rank === 'equal' ? '≈ ' : '';
	const [interval, ...others] = belowTexts(entry);
	return [`${mark}${value} (${interval})`, ...others].join('; ');
}

/** Signs that Markdown or HTML would read stay text, on one line. */
export function markdownText(text: string): string {
	return text
		.replace(/[\r\n]/g, ' ')
		.replace(/[\\`*_{}[\]#|~$]/g, '\\$&')
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;');
}
