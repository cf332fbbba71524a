/** HTML of a report as text: everything that comes from outside is escaped. */
import { escapeMarkup } from '../../format/markup.ts';
import { signed, UNKNOWN } from '../../text/numbers.ts';
import { SCORE_DECIMALS } from '../table/words.ts';

/** A cell of a table: text, right-aligned if it is a figure. */
export interface HtmlCell {
	readonly text: string;
	readonly figure?: boolean;
	readonly strong?: boolean;
	/** A second line in small type. */
	readonly below?: string;
}

export const words = (text: string): HtmlCell => ({ text });
export const figures = (text: string, strong = false): HtmlCell => ({ text, figure: true, strong });

/** Leaves out columns without any value. @param rows the first cell of each is its header; the last one of a short row takes the rest */
export function htmlTable(
	caption: string,
	head: readonly string[],
	rows: readonly (readonly HtmlCell[])[],
): string {
	const isFigure = (column: number): boolean => rows.some((cells) => cells[column]?.figure === true);
	const hasValue = (column: number): boolean =>
		column === 0 || rows.some((cells) => !['', UNKNOWN].includes(cells[column]?.text ?? ''));
	const heads = head.flatMap((text, i) =>
		hasValue(i) ? `<th scope="col"${isFigure(i) ? ' class="n"' : ''}>${escapeMarkup(text)}</th>` : [],
	);
	const rest = (cells: readonly HtmlCell[]): number =>
		head.filter((_, i) => i >= cells.length && hasValue(i)).length;
	const body = rows.map((cells) => {
		const shown = cells.flatMap((cell, i) =>
			hasValue(i) ? cellHtml(cell, i, i === cells.length - 1 ? 1 + rest(cells) : 1) : [],
		);
		return `<tr>${shown.join('')}</tr>`;
	});
	return `<div class="wide"><table><caption>${escapeMarkup(caption)}</caption><thead><tr>${heads.join('')}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}

function cellHtml(
	{ text, figure = false, strong = false, below = '' }: HtmlCell,
	index: number,
	columns: number,
): string {
	const first = strong ? `<strong>${escapeMarkup(text)}</strong>` : escapeMarkup(text);
	const content = below === '' ? first : `${first}<small>${escapeMarkup(below)}</small>`;
	if (index === 0) return `<th scope="row">${content}</th>`;
	const span = columns === 1 ? '' : ` colspan="${columns}"`;
	return `<td${span}${figure ? ' class="n"' : ''}>${content}</td>`;
}

/** "+0.523 (+0.491 to +0.556)" */
export function withInterval(estimate: { score: number; low: number; high: number } | null): string {
	if (estimate === null) return UNKNOWN;
	const { score, low, high } = estimate;
	const text = (value: number): string => signed(value, SCORE_DECIMALS);
	return `${text(score)} (${text(low)} to ${text(high)})`;
}
