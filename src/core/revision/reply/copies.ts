/** Several versions of the answer in one text: copies of the original, the same answer twice, or options. */
import { keptShare, type Original, sameButForm, stemsOf } from './likeness.ts';
import { ANSWER_LABEL } from './phrases.ts';

/** Least share of the original's words in a part that is a whole version of the answer. */
const VERSION = 0.5;
/** The same for a part with a number, as in `Option 1:`. */
const NUMBERED = 0.4;
/** Parts that are compared with one another. */
const MOST_PARTS = 12;

/** `Option 1:`, `**Version B**`, `Variante 2)`. */
const OPTION =
	/^[^\p{L}\p{N}\n]{0,12}(?<word>[\p{L}]{2,14})[ ]?#?(?<number>\d{1,2}|[A-D]|I{1,3}|IV|one|two|three)[*_"')\]]{0,3}[ ]?(?:[:：.)]|[-–—][ ]|$)/iu;

interface Option {
	word: string;
	number: string;
	text: string;
}

/** The numbered parts of a text. */
function optionsOf(text: string): Option[] {
	const options: Option[] = [];
	for (const line of text.split('\n')) {
		const match = OPTION.exec(line);
		const last = options.at(-1);
		if (match?.groups) {
			const { word = '', number = '' } = match.groups;
			options.push({ word: word.toLowerCase(), number, text: line.slice(match[0].length) });
		} else if (last !== undefined) last.text += `\n${line}`;
	}
	return options;
}

function hasOptions(text: string, original: Original): boolean {
	const options = optionsOf(text).filter((option) => keptShare(original, option.text) >= NUMBERED);
	const words = new Set(options.map(({ word }) => word));
	const known = original.text.toLowerCase();
	return options.length > 1 && [...words].some((word) => !known.includes(word));
}

const paragraphs = (text: string): string[] =>
	text
		.split(/\n[ \t]*\n/)
		.map((part) => part.trim())
		.filter((part) => part !== '');

/** Share of common words among all words of two texts. */
function likeness(a: string, b: string): number {
	const left = new Set(stemsOf(a));
	const right = new Set(stemsOf(b));
	const common = [...left].filter((stem) => right.has(stem)).length;
	return common / Math.max(1, left.size + right.size - common);
}

const unlabelled = (part: string): string => part.replace(ANSWER_LABEL, '').trim();

const ARROW = /^\s{0,8}(?:→|->|-->|=>|➜|⇒|➔|⟶)\s{0,8}(?=\S)/;

/** The text behind the original and an arrow; null if the text has another form. */
function behindArrow(text: string, original: string): string | null {
	if (original === '' || !text.startsWith(original)) return null;
	const rest = text.slice(original.length);
	const arrow = ARROW.exec(rest)?.[0];
	return arrow === undefined ? null : rest.slice(arrow.length);
}

/**
 * The text without copies: a part that repeats an earlier part or the original goes. Parts are the paragraphs, or
 * the lines if there is one paragraph.
 *
 * @returns the text, unchanged if it holds one version · null if it holds several versions
 */
export function singleVersion(text: string, original: Original): string | null {
	if (hasOptions(text, original)) return null;
	const behind = behindArrow(text, original.text.trim());
	if (behind !== null) return behind;
	const blocks = paragraphs(text);
	const parts = blocks.length > 1 ? blocks : text.split('\n').filter((line) => line.trim() !== '');
	if (parts.length < 2 || parts.length > MOST_PARTS) return halved(text);
	const versions = parts.filter((part) => keptShare(original, part) >= VERSION);
	if (versions.length < 2) return halved(text);
	const distinct = versions.filter(
		(part, i) => !versions.slice(0, i).some((other) => sameButForm(part, other)),
	);
	const copy = (part: string): boolean =>
		sameButForm(part, original.text) || sameButForm(withoutLabel(part), original.text);
	const others = distinct.filter((part) => !copy(part));
	const [only, second] = others;
	if (only === undefined) return distinct[0] ?? text;
	if (second === undefined)
		return others.length < versions.length ? unlabelled(withoutCopies(parts, copy)) : text;
	return others.some((part, i) => i > 0 && likeness(part, only) >= VERSION) ? null : text;
}

/** The part behind a label such as `Before:`. */
function withoutLabel(part: string): string {
	const colon = part.slice(0, 40).search(/[:：]/);
	return colon < 0 ? part : part.slice(colon + 1).replace(/^[*_\s]{1,4}/, '');
}

function withoutCopies(parts: readonly string[], copy: (part: string) => boolean): string {
	return parts
		.filter((part, i) => !copy(part) && !parts.slice(0, i).some((other) => sameButForm(part, other)))
		.join('\n\n');
}

/** Half of a text that repeats itself as a whole. */
function halved(text: string): string {
	const middle = text.indexOf('\n', Math.floor(text.length / 2) - 2);
	for (const at of [middle, text.lastIndexOf('\n', Math.ceil(text.length / 2))]) {
		if (at > 0 && text.slice(0, at).trim() === text.slice(at).trim()) return text.slice(0, at).trim();
	}
	return text;
}
