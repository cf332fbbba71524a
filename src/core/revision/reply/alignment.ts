/**
 * Compares a text with the original place by place: words in front of the original's first words, and marks that
 * highlight the changed words.
 */
import { hasWords, keptShare, type Original, sharedPart } from './likeness.ts';
import { GREETING, TALK } from './phrases.ts';
import type { Unwrap } from './wrapping.ts';

/** Characters that are searched for the original's first words. */
const LONGEST_LEAD = 160;
/** Words of the original that the answer must begin with. */
const FIRST_WORDS = 2;

const WORD = /[\p{L}\p{N}]+/gu;

/** The place behind `lead` at which the text begins like the original; -1 if there is none. */
function alignedPlace(text: string, original: Original): number {
	const first = (original.text.slice(0, LONGEST_LEAD).match(WORD) ?? []).slice(0, FIRST_WORDS);
	if (first.length === 0) return -1;
	const words = [...text.slice(0, 2 * LONGEST_LEAD).matchAll(WORD)];
	const same = (a: string | undefined, b: string | undefined): boolean =>
		a?.toLowerCase() === b?.toLowerCase();
	const start = words.findIndex((_, i) => first.every((word, k) => same(words[i + k]?.[0], word)));
	return words[start]?.index ?? -1;
}

/** A bullet, number, heading sign or arrow: markup of one item. */
const SIGN = /^(?:[-*•+·▪◦–—>]|#{1,6}|→|⇒|➜|=>|->|\d{1,2}[.)])[ \t]+$/;
/** A lead ends with a colon, a bracket or a tag, and opening marks of the answer may follow. */
const BORDER = /(?:[:：][*_]{0,3}|[\])}>】])\s{0,3}(?<marks>["'“”„«‹「『*_`(]{0,4})$/u;

/** The answer is the quotation at the end of a sentence. */
const QUOTE = /\s(?<marks>["“„«])$/u;
const QUOTE_END = /["”“»][.!?]?$/;
const SENTENCE_END = /[.!]\s{1,2}$/;

function borderOf(lead: string, text: string): RegExpExecArray | null {
	const label = BORDER.exec(lead);
	if (label !== null) return label;
	if (QUOTE_END.test(text.slice(-3)) && QUOTE.test(lead)) return QUOTE.exec(lead);
	return TALK.test(lead) ? SENTENCE_END.exec(lead) : null;
}

/** A label or markup in front of the answer, which begins with the original's first words behind it. */
export const withoutLead: Unwrap = (text, original) => {
	const place = alignedPlace(text, original);
	if (place < 1 || place > LONGEST_LEAD) return text;
	const lead = text.slice(0, place);
	if (!SIGN.test(lead)) return withoutLabel(text, lead, original);
	return text.includes('\n') || original.text.startsWith(lead) ? text : text.slice(place);
};

function withoutLabel(text: string, lead: string, original: Original): string {
	const border = hasWords(lead) && !GREETING.test(lead) ? borderOf(lead, text) : null;
	if (border === null) return text;
	const rest = text.slice(lead.length - (border.groups?.['marks']?.length ?? 0));
	const carries = sharedPart(original, lead) > 0 || keptShare(original, rest) < keptShare(original, text);
	return carries ? text : rest;
}

/** Least share of the original's words in a text that shows its changes. */
const ALIKE = 0.5;
const STRUCK = /~~[^~\n]{1,200}~~[ ]?|<(?<tag>del|s|strike)>[^<>\n]{1,200}<\/\k<tag>>[ ]?/gi;
const HIGHLIGHT =
	/\*\*(?<bold>[^*\n]{1,120})\*\*|__(?<under>[^_\n]{1,120})__|<(?<tag>ins|mark|u|b|strong)>(?<text>[^<>\n]{1,120})<\/\k<tag>>/gi;
const MARKUP = /\*\*|__|~~|<(?:ins|del|mark|u|b|strong|s|strike)>/i;

/** Removes struck words and the marks around new words: a text that shows its changes. */
export const unhighlighted: Unwrap = (text, original) => {
	if (!MARKUP.test(text) || MARKUP.test(original.text) || keptShare(original, text) < ALIKE) return text;
	const known = new Set(original.text.toLowerCase().match(WORD) ?? []);
	const kept = text.replace(STRUCK, '');
	const words = [...kept.matchAll(HIGHLIGHT)].flatMap(
		(found) => markedText(found.groups).toLowerCase().match(WORD)?.map(String) ?? [],
	);
	const fresh = words.filter((word) => !known.has(word));
	const shows = words.length > 0 && (kept !== text || fresh.length > words.length / 2);
	if (!shows) return text;
	return kept.replace(HIGHLIGHT, (...found) => markedText(found.at(-1) as RegExpExecArray['groups']));
};

function markedText(groups: RegExpExecArray['groups']): string {
	return groups?.['bold'] ?? groups?.['under'] ?? groups?.['text'] ?? '';
}
