/** Words of sentences that the program writes: quotations, lists and numerals. */

/** Puts a text in the teacher's quotation marks: “word”. */
export function quote(text: string): string {
	return `“${text}”`;
}

/** `a`, `a and b`, `a, b and c`. */
export function enumerate(items: readonly string[]): string {
	if (items.length < 2) return items[0] ?? '';
	return `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
}

/** Shortens a text for a quotation. */
export function excerpt(text: string, length = 40): string {
	const plain = text.trim().replace(/\s+/g, ' ');
	return plain.length <= length ? plain : `${plain.slice(0, length - 1).trimEnd()}…`;
}

const NUMERALS = [
	'no',
	'one',
	'two',
	'three',
	'four',
	'five',
	'six',
	'seven',
	'eight',
	'nine',
	'ten',
] as const;

/** 3 → `three`; numbers beyond ten stay digits. */
export function numeral(n: number): string {
	return NUMERALS[n] ?? String(n);
}

/** `three` or `3` → 3; null for anything else. */
export function readNumeral(text: string): number | null {
	const index = (NUMERALS as readonly string[]).indexOf(text.toLowerCase());
	if (index > 0) return index;
	return /^\d{1,2}$/.test(text) ? Number(text) : null;
}
