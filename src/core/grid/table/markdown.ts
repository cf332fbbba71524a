/** A results table in Markdown. */
import { changeText, intervalText, progressText, tableCaption } from './words.ts';
import type { GridTable, TableEntry } from './table.ts';

export function tableMarkdown(table: GridTable): string {
	const { rowTitle, columnTitle, columns, rows } = table;
	const corner = columnTitle === null ? rowTitle : `${rowTitle} \\ ${columnTitle}`;
	const lines = [
		[corner, ...columns].map(markdownText),
		[':--', ...columns.map(() => '--:')],
		...rows.map(({ label, entries }) => [markdownText(label), ...entries.map(entryText)]),
	];
	return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n\n${markdownText(tableCaption(table))}\n`;
}

function entryText(entry: TableEntry): string {
	const { change, rank } = entry;
	const progress = progressText(entry);
	if (change === null) return progress || '–';
	const value = rank === 'best' ? `**${changeText(change)}**` : changeText(change);
	const mark = rank === 'equal' ? '≈ ' : '';
	return `${mark}${value} (${intervalText(change)})${progress === '' ? '' : `; ${progress}`}`;
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
