/** The items that an answer lists, in any form: bullets, numbers, or words between commas. */
import { withoutPreamble } from './preamble.ts';
import { bare, sentencesOf } from './sentences.ts';

const MARKER = /^\s*(?:[-*•–]|\(?\d{1,2}[.)])\s+/;

/** The lines that begin with a bullet or a number, without that mark. */
function listLines(text: string): string[] {
	return text
		.split('\n')
		.filter((line) => MARKER.test(line))
		.map((line) => plain(line.replace(MARKER, '')))
		.filter((item) => item !== '');
}

/** Without marks of emphasis. */
const plain = (text: string): string => text.replace(/\*+|__|`/g, '').trim();

/**
 * The distinct items of a list in lines, or else of the first sentence that enumerates, or else the sentences.
 *
 * @param sentences true if a sentence can be an item
 */
export function listItems(text: string, sentences = false): string[] {
	const lines = distinct(listLines(text));
	if (lines.length > 1) return lines;
	return sentences ? sentenceItems(text) : distinct(enumerated(text));
}
/** Whole sentences, for lists of facts or of advice. */
function sentenceItems(text: string): string[] {
	const sentences = sentencesOf(withoutPreamble(text)).filter(({ complete }) => complete);
	return distinct(sentences.map(({ text: sentence }) => plain(sentence.replace(MARKER, ''))));
}

/** Items between commas; the words before a colon, and “and” before the last item, are no part of them. */
function enumerated(text: string): string[] {
	for (const { text: sentence } of sentencesOf(text)) {
		const list = sentence.slice(sentence.lastIndexOf(': ') + 1).replace(/[.!?…]{1,9}$/, '');
		const parts = list.split(/,\s*(?:and\s|or\s)?|\s(?:and|or)\s/).map((part) => plain(part));
		if (parts.length > 1 && parts.every((part) => part !== '' && part.split(' ').length <= MOST_WORDS))
			return parts;
	}
	return [];
}

/** Words of an item between commas; longer parts are clauses. */
const MOST_WORDS = 4;

/** The name of an item: without the explanation after a colon, a dash or a bracket. */
export function itemName(item: string): string {
	const name = item.split(/:|\s[–—-]\s|\s?\(/, 1)[0] ?? '';
	return name
		.replace(/^["“]|["”]$/g, '')
		.replace(/[.,;!?"”]{1,9}$/, '')
		.trim();
}

function distinct(items: readonly string[]): string[] {
	const seen = new Set<string>();
	return items.filter((item) => {
		const key = bare(itemName(item));
		if (key === '' || seen.has(key)) return false;
		seen.add(key);
		return true;
	});
}

/** True if no two lines have the same words. */
export function distinctLines(lines: readonly string[]): boolean {
	return new Set(lines.map((line) => bare(line.replace(MARKER, '')))).size === lines.length;
}
