/** Small helpers on words and lists of items, shared by the families' checks. All accept any text. */

/** “word”, the way the teacher quotes. */
export function quote(text: string): string {
	return `“${text}”`;
}

/** `a`, `a and b`, `a, b and c`. */
export function enumerate(items: readonly string[]): string {
	if (items.length < 2) return items[0] ?? '';
	return `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
}

/** Words in lower case without the punctuation around them. */
export function wordsOf(text: string): string[] {
	return text
		.toLowerCase()
		.split(/\s+/)
		.map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
		.filter((word) => word !== '');
}

/** The items of `a, b and c.`: parts between commas and "and", trimmed, in lower case, without the full stop. */
export function itemsOf(text: string): string[] {
	return text
		.toLowerCase()
		.split(/,|\band\b|\n/)
		.map((item) => item.trim().replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
		.filter((item) => item !== '');
}

const ITEM = "[\\p{L}\\p{N}'’-]+(?: [\\p{L}\\p{N}'’-]+)?";
const ITEM_LIST = new RegExp(`^${ITEM}(?:, ${ITEM})*(?:,? and ${ITEM})?\\.$`, 'u');

/** True for `a, b, c.` and `a, b and c.`: items of one or two words, commas between, a full stop. */
export function isItemList(text: string): boolean {
	return text.length < 1000 && ITEM_LIST.test(text.trim());
}

/** `a, b, c.`, or `a, b and c.` where the text before the edit was written that way. */
export function writeItems(items: readonly string[], before = ''): string {
	const inWords = isItemList(before) && /\sand\s/.test(before);
	return `${inWords ? enumerate(items) : items.join(', ')}.`;
}

/** A text shortened for a quotation. */
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

/** 3 → `three`; digits beyond ten. */
export function numeral(n: number): string {
	return NUMERALS[n] ?? String(n);
}

/** `three` or `3` → 3; null for anything else. */
export function readNumeral(text: string): number | null {
	const index = (NUMERALS as readonly string[]).indexOf(text.toLowerCase());
	if (index > 0) return index;
	return /^\d{1,2}$/.test(text) ? Number(text) : null;
}

/** The form check's fault for a list of items, the same in every family that answers with one. */
export function itemListFault(text: string): string {
	if (text.trim() === '') return 'There is no answer.';
	if (!text.trim().endsWith('.'))
		return `The answer breaks off at ${quote(lastWord(text))}: it should end with a full stop.`;
	return `${quote(excerpt(text))} is not a plain list: items with commas between them and one full stop.`;
}

function lastWord(text: string): string {
	return text.trim().split(/\s+/).at(-1) ?? '';
}
