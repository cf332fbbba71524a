/** Cuts remarks after the revised text: explanations, lists of changes, offers. */
import { hasWords, type Original, sharedPart, stemsOf } from './likeness.ts';
import { LEFT_OVER_MARKER } from './markers.ts';
import { GRAMMAR, MENTION, REMARK_LABEL, TALK, UNCHANGED } from './phrases.ts';
import {
	candidate,
	ENOUGH,
	hasRule,
	isRule,
	keepsEnough,
	points,
	RELATED,
	type Sign,
	UNRELATED,
} from './remarkSigns.ts';
import type { Unwrap } from './wrapping.ts';

/** Lines at the end of a paragraph that may be a remark. */
const LONGEST_TAIL = 12;

/** Signs of a change: arrows, struck words, ticks. */
const ARROW = /→|->|=>|➜|⇒|➔|⟶|~~|✅|✔|☑/;
const CITED = /["“”„«»‘’'`*](?<word>[^"“”„«»‘’'`*\n]{1,60})["“”«»‘’'`*]/gu;
const ENCLOSED = /^(?:\(.*\)|\[.*\]|\*[^*].*\*|_.*_)$/s;

/** True if the text quotes single words, and the original quotes none. */
function cites(text: string, original: Original): boolean {
	if (/["“„«`]/.test(original.text)) return false;
	return [...text.slice(0, 2000).matchAll(CITED)].some(({ groups }) => {
		const stems = stemsOf(groups?.['word'] ?? '');
		return stems.length > 0 && stems.length <= 4;
	});
}

/** Signs that a text at the end speaks about the answer: strong ones have two points. */
const CLOSING_SIGNS: readonly Sign[] = [
	[
		2,
		({ text, related }) => related < RELATED && [MENTION, TALK, UNCHANGED].some((words) => words.test(text)),
	],
	[1, ({ text, related }) => related < UNRELATED && GRAMMAR.test(text)],
	[2, ({ text, original }) => ARROW.test(text) && !ARROW.test(original.text)],
	[2, ({ text, label }) => label !== '' && /[:：][*_"'’)\]\s]{0,6}$/.test(text.slice(-20))],
	[1, ({ label }) => label !== ''],
	[1, ({ label }) => REMARK_LABEL.test(label)],
	[1, ({ text }) => ENCLOSED.test(text)],
];

/** The evidence, to which quoted words and foreign words add; without evidence they decide nothing. */
function closingSigns(text: string, original: Original, behindRule = false): number {
	if (LEFT_OVER_MARKER.test(text) && !LEFT_OVER_MARKER.test(original.text)) return ENOUGH;
	const remark = candidate(text, original);
	const evidence = points(CLOSING_SIGNS, remark) + (behindRule && remark.related < RELATED ? 2 : 0);
	if (evidence === 0) return 0;
	return evidence + Number(cites(text, original)) + Number(remark.related < UNRELATED);
}

/** Index of the last paragraph's first line; 0 if there is one paragraph. */
function lastParagraph(lines: readonly string[]): number {
	return lines.findLastIndex((line) => line.trim() === '' || isRule(line)) + 1;
}

/** Everything behind the first rule, if the original has no rule. */
function cutBehindRule(lines: readonly string[], original: Original): string | null {
	const rule = lines.findIndex(isRule);
	if (rule < 1) return null;
	const rest = lines.slice(0, rule).join('\n').trimEnd();
	const tail = lines
		.slice(rule + 1)
		.join('\n')
		.trim();
	if (!hasWords(tail)) return rest;
	const signs = closingSigns(tail, original, true);
	return signs >= ENOUGH && keepsEnough(original, rest, `${rest}\n${tail}`) ? rest : null;
}

/** The last paragraph, or the last lines of it. */
function cutParagraph(lines: readonly string[], original: Original): string | null {
	const whole = lines.join('\n');
	const start = lastParagraph(lines);
	const starts = start > 0 ? [start] : [];
	for (let i = Math.max(start + 1, lines.length - LONGEST_TAIL); i < lines.length; i++) {
		// A remark within a paragraph opens with a line that is one by itself.
		if (closingSigns(lines[i] ?? '', original) > 0) starts.push(i);
	}
	for (const i of starts) {
		const rest = lines.slice(0, i).join('\n').trimEnd();
		const tail = lines.slice(i).join('\n').trim();
		if (closingSigns(tail, original) >= ENOUGH && keepsEnough(original, rest, whole)) return rest;
	}
	return null;
}

/** Characters at the end that are searched for a last sentence. */
const LONGEST_SENTENCE = 300;
const SENTENCE_END = /[.!?。！？]["”’)\]]{0,2}\s/gu;

/** The last sentence, if it is an offer or a wish without a word of the original. */
function cutSentence(text: string, original: Original): string | null {
	const offset = Math.max(0, text.length - LONGEST_SENTENCE);
	const end = [...text.slice(offset, -2).matchAll(SENTENCE_END)].at(-1);
	if (end === undefined) return null;
	const place = offset + end.index + end[0].length;
	const sentence = text.slice(place);
	if (!TALK.test(sentence) || TALK.test(original.text) || sharedPart(original, sentence) > 0) return null;
	const rest = text.slice(0, place).trimEnd();
	return keepsEnough(original, rest, text) ? rest : null;
}

/** Cuts rules and remarks at the end. */
export const withoutClosing: Unwrap = (text, original) => {
	const ruled = hasRule(original.text);
	const all = text.split('\n');
	const end = all.findLastIndex((line, i) => i === 0 || ruled || (line.trim() !== '' && !isRule(line)));
	const lines = all.slice(0, end + 1);
	const trimmed = lines.join('\n').trimEnd();
	if (trimmed !== text.trimEnd()) return trimmed;
	if (!ruled) {
		const cut = cutBehindRule(lines, original);
		if (cut !== null) return cut;
	}
	return cutParagraph(lines, original) ?? cutSentence(text.trimEnd(), original) ?? text;
};
