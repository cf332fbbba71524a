/** Numbers in texts: a true minus sign, and fixed decimals so that columns keep their width. */

/** Text in place of a number that is not known. */
export const UNKNOWN = '–';

/** 0.78; "–" if there is no number. */
export function fixed(value: number | null | undefined, decimals = 2): string {
	if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
	const text = value.toFixed(decimals);
	// −0.00 is zero to a reader.
	return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−');
}

/** +0.70, −1.40, 0.00. */
export function signed(value: number | null | undefined, decimals = 2): string {
	const text = fixed(value, decimals);
	return value !== null && value !== undefined && Number(text.replace('−', '-')) > 0 ? `+${text}` : text;
}

/** 0.12 → 12%; "–" if there is no number. */
export function percent(share: number): string {
	return Number.isFinite(share) ? `${Math.round(100 * share)}%` : UNKNOWN;
}
