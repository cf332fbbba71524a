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

/** An answer in three parts: a filler in front, the answer itself with its end mark, and what follows it. */
export interface Anatomy {
	filler: string;
	body: string;
	chatter: string;
}

const FILLER = /^(?:um|uh|well|so|okay|sure)\b[,.!]*\s*/i;

/** `endMark` is the character at whose first place the answer proper ends. */
export function dissect(text: string, endMark = '.'): Anatomy {
	const trimmed = text.trim();
	const filler = FILLER.exec(trimmed)?.[0] ?? '';
	const end = trimmed.indexOf(endMark, filler.length);
	const cut = end < 0 ? trimmed.length : end + endMark.length;
	return {
		filler: filler.trim(),
		body: trimmed.slice(filler.length, cut),
		chatter: trimmed.slice(cut).trim(),
	};
}

/** The items of `a, b and c.`: parts between commas and "and", in lower case; fillers and chatter are no items. */
export function itemsOf(text: string): string[] {
	return dissect(text)
		.body.toLowerCase()
		.split(/,|\band\b|\n/)
		.map((item) => item.trim().replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
		.filter((item) => item !== '');
}

const ITEM = "[\\p{L}\\p{N}'’-]+(?: [\\p{L}\\p{N}'’-]+)?";
const ITEM_LIST = new RegExp(`^${ITEM}(?:, ${ITEM})*(?:,? and ${ITEM})?\\.$`, 'u');

/** True for `a, b, c.` and `a, b and c.`: items of one or two words, commas between, a full stop, nothing around. */
export function isItemList(text: string): boolean {
	return text.length < 1000 && dissect(text).filler === '' && ITEM_LIST.test(text.trim());
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

/** What is around an answer that should not be, or that it has no end; null where neither. For the form checks. */
export function clutterFault(text: string, endMark = '.'): string | null {
	const { filler, body, chatter } = dissect(text, endMark);
	if (body === '') return 'There is no answer.';
	if (filler !== '') return `${quote(filler)} adds nothing to the answer.`;
	if (chatter !== '') return `${quote(excerpt(chatter))} adds nothing to the answer.`;
	if (!body.endsWith(endMark)) return `The answer breaks off after ${quote(lastWord(body))}.`;
	return null;
}

/** The form check's fault for a list of items, the same in every family that answers with one. */
export function itemListFault(text: string): string {
	return clutterFault(text) ?? `${quote(excerpt(text))} is not a plain list with commas between its items.`;
}

function lastWord(text: string): string {
	return text.trim().split(/\s+/).at(-1) ?? '';
}
