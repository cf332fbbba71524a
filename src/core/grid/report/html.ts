/** HTML of a report as text: everything that comes from outside is escaped. */
import { signed } from '../../text/numbers.ts';

/** Decimals of scores: means over seeds and prompts are that exact. */
export const SCORE_DECIMALS = 3;

export function escapeHtml(text: string): string {
	return text
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;')
		.replaceAll("'", '&#39;');
}

/** A cell of a table: text, right-aligned if it is a figure. */
export interface HtmlCell {
	readonly text: string;
	readonly figure?: boolean;
	readonly strong?: boolean;
}

export const words = (text: string): HtmlCell => ({ text });
export const figures = (text: string, strong = false): HtmlCell => ({ text, figure: true, strong });

/** @param rows the first cell of each is its header */
export function htmlTable(
	caption: string,
	head: readonly string[],
	rows: readonly (readonly HtmlCell[])[],
): string {
	const isFigure = (column: number): boolean => rows.some((cells) => cells[column]?.figure === true);
	const heads = head.map(
		(text, i) => `<th scope="col"${isFigure(i) ? ' class="n"' : ''}>${escapeHtml(text)}</th>`,
	);
	const body = rows.map((cells) => `<tr>${cells.map(cellHtml).join('')}</tr>`);
	return `<div class="wide"><table><caption>${escapeHtml(caption)}</caption><thead><tr>${heads.join('')}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}

function cellHtml({ text, figure = false, strong = false }: HtmlCell, index: number): string {
	const content = strong ? `<strong>${escapeHtml(text)}</strong>` : escapeHtml(text);
	if (index === 0) return `<th scope="row">${content}</th>`;
	return `<td${figure ? ' class="n"' : ''}>${content}</td>`;
}

/** "+0.523 (+0.491 to +0.556)" */
export function withInterval(estimate: { score: number; low: number; high: number } | null): string {
	if (estimate === null) return '–';
	const { score, low, high } = estimate;
	const text = (value: number): string => signed(value, SCORE_DECIMALS);
	return `${text(score)} (${text(low)} to ${text(high)})`;
}
