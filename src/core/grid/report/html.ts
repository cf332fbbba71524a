/** HTML of a report as text: everything that comes from outside is escaped. */

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

/** "0.384"; "–" for a number that is not known. */
export function fixed(value: number | null | undefined, digits = 3): string {
	if (value === null || value === undefined || !Number.isFinite(value)) return '–';
	return value.toFixed(digits).replace('-', '−');
}

/** "+0.52" */
export function signed(value: number | null | undefined, digits = 3): string {
	return value !== null && value !== undefined && value > 0
		? `+${fixed(value, digits)}`
		: fixed(value, digits);
}

/** "+0.52 (+0.49 to +0.56)" */
export function withInterval(estimate: { score: number; low: number; high: number } | null): string {
	if (estimate === null) return '–';
	const { score, low, high } = estimate;
	return `${signed(score)} (${signed(low)} to ${signed(high)})`;
}
