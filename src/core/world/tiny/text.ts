/** Small helpers on words and lists of items, shared by the families' checks. All accept any text. */
import { enumerate, excerpt, quote } from '../../text/wording.ts';

/**
 * From the first letter or digit to the last. A pattern anchored at the end instead (`[^\p{L}\p{N}]+$`) costs the
 * square of the length of a run of signs, because it is tried at each of them.
 */
const BARE = /[\p{L}\p{N}](?:.*[\p{L}\p{N}])?/su;

function withoutPunctuation(word: string): string {
	return BARE.exec(word)?.[0] ?? '';
}

/** Splits a text into words in lower case without surrounding punctuation. */
export function wordsOf(text: string): string[] {
	return text
		.toLowerCase()
		.split(/\s+/)
		.map(withoutPunctuation)
		.filter((word) => word !== '');
}

/**
 * An answer in three parts: a filler in front, the answer itself with its end mark, and the text after it.
 */
export interface Anatomy {
	filler: string;
	body: string;
	chatter: string;
}

const FILLER = /^(?:um|uh|well|so|okay|sure)\b[,.!]*\s*/i;

/** @param endMark the answer itself ends at the first occurrence of this character */
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

/** The items of `a, b and c.`: parts between commas and "and", in lower case, without filler and chatter. */
export function itemsOf(text: string): string[] {
	return dissect(text)
		.body.toLowerCase()
		.split(/,|\band\b|\n/)
		.map(withoutPunctuation)
		.filter((item) => item !== '');
}

const ITEM = "[\\p{L}\\p{N}'’-]+(?: [\\p{L}\\p{N}'’-]+)?";
const ITEM_LIST = new RegExp(`^${ITEM}(?:, ${ITEM})*(?:,? and ${ITEM})?\\.$`, 'u');

/** True for `a, b, c.` and `a, b and c.`: items of one or two words, a full stop, no text around. */
export function isItemList(text: string): boolean {
	return text.length < 1000 && dissect(text).filler === '' && ITEM_LIST.test(text.trim());
}

/** Writes `a, b, c.`, or `a, b and c.` if the text before the edit had that form. */
export function writeItems(items: readonly string[], before = ''): string {
	const inWords = isItemList(before) && /\sand\s/.test(before);
	return `${inWords ? enumerate(items) : items.join(', ')}.`;
}

/** Writes a list of items with “and” before the last one, as other models do. */
export function itemsWithAnd(text: string): string {
	return `${enumerate(itemsOf(text))}.`;
}

/** For the form checks: names a filler, chatter or missing end mark; null if the answer has none of these. */
export function clutterFault(text: string, endMark = '.'): string | null {
	const { filler, body, chatter } = dissect(text, endMark);
	if (body === '') return 'There is no answer.';
	if (filler !== '') return `${quote(filler)} adds nothing to the answer.`;
	if (chatter !== '') return `${quote(excerpt(chatter))} adds nothing to the answer.`;
	if (!body.endsWith(endMark)) return `The answer breaks off after ${quote(lastWord(body))}.`;
	return null;
}

/** For the form checks of all families that answer with a list of items. */
export function itemListFault(text: string): string {
	return clutterFault(text) ?? `${quote(excerpt(text))} is not a plain list with commas between its items.`;
}

function lastWord(text: string): string {
	return text.trim().split(/\s+/).at(-1) ?? '';
}
