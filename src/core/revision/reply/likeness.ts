/**
 * Compares a text with the original answer by the words that they share. A minimal edit keeps most words of the
 * original, and talk about the edit keeps few, in any language. All functions take linear time.
 */

/** Scripts that write no spaces between words: two characters stand for a word. */
const UNSPACED =
	/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const WORD = /[\p{L}\p{N}]+/gu;
/** Characters of a word that count, so that most inflected forms of a word are equal. */
const STEM = 5;

function stemsOfWord(word: string): string[] {
	if (!UNSPACED.test(word)) {
		const singular = word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
		return [singular.slice(0, STEM)];
	}
	const characters = Array.from(word);
	if (characters.length < 2) return characters;
	return characters.slice(1).map((character, i) => `${characters[i] ?? ''}${character}`);
}

/** The words of a text without case, accents and most endings, in order. */
export function stemsOf(text: string): string[] {
	const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
	return (plain.match(WORD) ?? []).flatMap(stemsOfWord);
}

/** Frequent English words that are in most texts. */
const FREQUENT: ReadonlySet<string> = new Set(
	'the and have has had this that thi with not you for are was were but from they them will would can could should its hi his her our your been being do doe did'.split(
		' ',
	),
);

/** Weight of a word in a comparison: short and frequent words are in every text. */
function weightOf(stem: string): number {
	if (FREQUENT.has(stem)) return 0;
	if (stem.length > 3 || /\p{N}/u.test(stem) || UNSPACED.test(stem)) return 2;
	return stem.length === 3 ? 1 : 0;
}

/** Share of `words` that are `known`, by weight; words without weight count only if there are no others. */
function weightedShare(words: ReadonlySet<string>, known: (stem: string) => boolean): number {
	let all = 0;
	let found = 0;
	for (const stem of words) {
		const weight = weightOf(stem);
		all += weight;
		if (known(stem)) found += weight;
	}
	if (all > 0) return found / all;
	return words.size === 0 ? 0 : [...words].filter(known).length / words.size;
}

/** Number of distinct words of the original that count in a comparison. */
export function countedWords({ stems }: Original): number {
	return [...stems].filter((stem) => weightOf(stem) > 0).length;
}

/** The original answer with its words, so that they are read once for each reply. */
export interface Original {
	text: string;
	stems: ReadonlySet<string>;
}

export function readOriginal(text: string): Original {
	return { text, stems: new Set(stemsOf(text)) };
}

/** Share of the original's words that the text keeps, in [0, 1]; 0 if the original has no word. */
export function keptShare(original: Original, text: string): number {
	const stems = new Set(stemsOf(text));
	return weightedShare(original.stems, (stem) => stems.has(stem));
}

/** Share of the text's words that are in the original, in [0, 1]; 0 if the text has no word. */
export function sharedPart(original: Original, text: string): number {
	return weightedShare(new Set(stemsOf(text)), (stem) => original.stems.has(stem));
}

const SINGLE_QUOTES = /[‘’‚‛′ʼ`´]/g;
const DOUBLE_QUOTES = /[“”„‟″«»]/g;
const DASHES = /[‐‑‒–—―−]/g;
const INVISIBLE = /[\u00AD\u200B-\u200D\u2060\uFEFF]/g;

/** The text without differences of spacing and typographic signs. */
export function plainForm(text: string): string {
	return text
		.normalize('NFC')
		.replace(INVISIBLE, '')
		.replace(SINGLE_QUOTES, "'")
		.replace(DOUBLE_QUOTES, '"')
		.replace(DASHES, '-')
		.replaceAll('…', '...')
		.replace(/\s+/g, ' ')
		.trim();
}

/** Indentation at the start of a line that follows another: in code it has a meaning. */
const INDENTED = /\n[ \t]+\S/;

/** True if the texts differ only in spaces and typographic signs. Spaces of fenced code count. */
export function sameButForm(a: string, b: string): boolean {
	if (plainForm(a) !== plainForm(b)) return false;
	const isCode = (text: string): boolean => text.includes('```') && INDENTED.test(text);
	return !isCode(a) && !isCode(b);
}

export function hasWords(text: string): boolean {
	return /[\p{L}\p{N}]/u.test(text);
}
