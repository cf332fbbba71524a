/** Cuts preambles before the revised text. */
import { keptShare, type Original, sharedPart } from './likeness.ts';
import { ANNOUNCEMENT, ANSWER_HEADING, ANSWER_LABEL, GREETING, MENTION, TALK } from './phrases.ts';
import {
	candidate,
	ENOUGH,
	hasRule,
	isRule,
	keepsEnough,
	labelOf,
	points,
	RELATED,
	type Sign,
	UNRELATED,
	wordCount,
} from './remarkSigns.ts';
import type { Unwrap } from './wrapping.ts';

/** Words in a preamble, at most. */
const LONGEST_PREAMBLE = 40;
/** Short words of agreement without anything else, as in `Sure!` or `Gerne.` */
function isInterjection(head: string, original: Original): boolean {
	return wordCount(head) <= 4 && /[!.！。…]$/u.test(head) && keptShare(original, head) === 0;
}

const LIST_ITEM = /^[ \t]*(?:[-*•+]|\d{1,2}[.)])[ \t]/m;
const FINAL_COLON = /[:：][*_"'’\s]{0,6}$/;

/** True for a colon at the end that does not introduce a list of the answer. */
function announces(head: string, rest: string, original: Original): boolean {
	const lists = LIST_ITEM.test(rest.split('\n', 1)[0] ?? '') && !LIST_ITEM.test(original.text);
	return FINAL_COLON.test(head.slice(-12)) && !lists;
}

/** Counts the signs that a text at the start introduces the answer. */
function openingSigns(head: string, rest: string, original: Original): number {
	const talks = [MENTION, ANSWER_LABEL, ANSWER_HEADING, ANNOUNCEMENT, TALK].some((words) => words.test(head));
	if (GREETING.test(head) && !talks) return 0;
	const known = keptShare(original, rest) >= RELATED;
	const signs: readonly Sign[] = [
		[1, () => announces(head, rest, original)],
		[1, () => talks],
		[1, () => talks && (FINAL_COLON.test(head.slice(-12)) || isHeading(head))],
		[2, () => known && isInterjection(head, original)],
		[1, ({ related }) => known && related < UNRELATED],
	];
	return points(signs, candidate(head, original));
}

/** A line in heading or bold style. */
function isHeading(line: string): boolean {
	return (
		ANSWER_HEADING.test(line) ||
		(/^[ \t]*(?:#{1,6}[ \t]|\*\*.{1,120}\*\*[ \t]*$|__.{1,120}__[ \t]*$)/.test(line) && !line.includes('\n'))
	);
}

/** The places at which a preamble may end: behind its label, its line and its paragraph. */
function preambles(text: string): number[] {
	const lineEnd = text.indexOf('\n');
	const blank = /\n[ \t]*\n/.exec(text)?.index ?? -1;
	const label = ANSWER_LABEL.exec(text.slice(0, 200))?.[0].length ?? -1;
	const colon = text.slice(0, 200).search(/[:：](?=[ \t]*\S)/);
	return [label, lineEnd, blank, colon < 0 || (lineEnd >= 0 && colon > lineEnd) ? -1 : colon + 1].filter(
		(place) => place > 0,
	);
}

/** True if the original opens in the same way. */
function opensAlike(head: string, original: Original): boolean {
	const first = original.text.trim().split('\n', 1)[0] ?? '';
	const label = labelOf(head);
	if (label !== '' && labelOf(first) === label) return true;
	return /[:：]\s*$/.test(first.slice(-6)) && sharedPart(original, head) >= RELATED;
}

/** True if words about the edit, without any word of the original, precede the answer on its line. */
function endsSameLine(head: string, rest: string, text: string, original: Original): boolean {
	if (!ANSWER_LABEL.test(head) && !MENTION.test(head) && !ANNOUNCEMENT.test(head)) return false;
	return keptShare(original, rest) === keptShare(original, text);
}

/** Cuts a preamble such as `Sure! Here is a clearer version:`. */
export const withoutOpening: Unwrap = (text, original) => {
	const ruled = hasRule(original.text);
	const [first = '', ...others] = text.split('\n');
	if (!ruled && others.length > 0 && isRule(first)) return others.join('\n').trim();
	for (const place of preambles(text)) {
		const head = text.slice(0, place).trim();
		const rest = text.slice(place).trim();
		if (wordCount(head) > LONGEST_PREAMBLE || opensAlike(head, original)) continue;
		// On the line of the answer, only a colon behind words about the edit ends a preamble.
		const sameLine = !text.slice(place).startsWith('\n');
		if (sameLine && !endsSameLine(head, rest, text, original)) continue;
		if (openingSigns(head, rest, original) >= ENOUGH && keepsEnough(original, rest, text)) {
			return rest.replace(/^[*_]{1,3}[ \t]*\n/, '');
		}
	}
	return text;
};
