/** Entries of a results table as the page shows them. */
import type { GridTable, TableEntry } from '#core/grid/table/table.ts';
import { percentScale } from '../../charts/percentScale.ts';
import { belowTexts, changeText, progressText } from '#core/grid/table/words.ts';

/** Place of a change on the axis that all entries share, in percent. 0 is always on it. */
export function changeScale(entries: readonly TableEntry[]): (value: number) => string {
	const ends = entries.flatMap(({ change }) => (change === null ? [] : [change.low, change.high]));
	const low = Math.min(-0.05, ...ends);
	const high = Math.max(0.05, ...ends);
	return percentScale(low, high);
}

/** "CLAIR, APO-zero" */
export function placeName(table: GridTable, { key }: TableEntry): string {
	const [row = 0, column = 0] = key.split(':').map(Number);
	const names = [table.rows[row]?.label, table.columnTitle === null ? undefined : table.columns[column]];
	return names.filter(Boolean).join(', ');
}

/** "CLAIR, APO-zero: +0.512, +0.482 to +0.543, the largest change" */
export function entryWords(table: GridTable, entry: TableEntry): string {
	const marks = { best: 'the largest change', equal: 'no clear difference from the largest', below: '' };
	const facts = [
		...(entry.change === null
			? ['no result yet', progressText(entry)]
			: [changeText(entry.change), ...belowTexts(entry)]),
		entry.rank === null ? '' : marks[entry.rank],
	];
	return `${placeName(table, entry)}: ${facts.filter(Boolean).join(', ')}`;
}
