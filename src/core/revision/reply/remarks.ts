/**
 * Cuts remarks before and after the revised text: preambles, explanations, lists of changes, offers, end markers.
 * A remark is recognised by its form and by comparison with the original: the rest of the text keeps the
 * original's words without it.
 */
import { hasWords, keptShare, type Original, sharedPart, stemsOf } from './likeness.ts';
import {
	ANNOUNCEMENT,
	ANSWER_HEADING,
	ANSWER_LABEL,
	GRAMMAR,
	GREETING,
	MENTION,
	REMARK_LABEL,
	TALK,
	UNCHANGED,
} from './phrases.ts';
import type { Unwrap } from './wrapping.ts';

/** Share of the kept words that must remain without a remark. */
const REMAINING = 0.6;
/** A remark shares less than this part of its words with the original. */
const RELATED = 0.5;
/** A text that shares less is not about the original at all. */
const UNRELATED = 0.34;
/** Signs of a remark that suffice to cut it. */
const ENOUGH = 2;
/** Words in a preamble, at most. */
const LONGEST_PREAMBLE = 40;
/** Lines at the end of a paragraph that may be a remark. */
const LONGEST_TAIL = 12;

const RULE_SIGNS = new Set('-*_=~#·•—–+');

/** A line of three or more equal signs. */
export function isRule(line: string): boolean {
	const signs = line.replace(/\s+/g, '');
	return signs.length >= 3 && RULE_SIGNS.has(signs.charAt(0)) && new Set(signs).size === 1;
}

const hasRule = (text: string): boolean => text.split('\n').some(isRule);
const wordCount = (text: string): number => text.split(/\s+/).filter(hasWords).length;

/** The markers of the request, if they are left in a text. */
export const IDENTIFIER = /(?:corrected[_ ]student[_ ]solution|student_solution|teacher_reasoning)/i;

function keepsEnough(original: Original, rest: string, whole: string): boolean {
	return hasWords(rest) && keptShare(original, rest) >= REMAINING * keptShare(original, whole);
}

const LABEL = /^[^\p{L}\p{N}\n]{0,12}(?<name>[\p{L}][\p{L}\p{M} ’'/-]{1,40})[*_"'’)\]]{0,4}[ ]?[:：]/u;
/** Signs of a change: arrows, struck words, ticks. */
const ARROW = /→|->|=>|➜|⇒|➔|⟶|~~|✅|✔|☑/;
const CITED = /["“”„«»‘’'`*](?<word>[^"“”„«»‘’'`*\n]{1,60})["“”«»‘’'`*]/gu;
const ENCLOSED = /^(?:\(.*\)|\[.*\]|\*[^*].*\*|_.*_)$/s;

/** A short label with colon at the start, as in `Changes made:`; empty if there is none. */
function labelOf(text: string): string {
	const name = LABEL.exec(text.slice(0, 80))?.groups?.['name']?.trim() ?? '';
	return wordCount(name) <= 4 ? name.toLowerCase() : '';
}

function hasLabel(original: Original, name: string): boolean {
	return original.text.toLowerCase().includes(`${name}:`);
}

/** True if the text quotes single words, and the original quotes none. */
function cites(text: string, original: Original): boolean {
	if (/["“„«`]/.test(original.text)) return false;
	return [...text.slice(0, 2000).matchAll(CITED)].some(({ groups }) => {
		const stems = stemsOf(groups?.['word'] ?? '');
		return stems.length > 0 && stems.length <= 4;
	});
}

/** A text that may be a remark, with facts that several signs need. */
interface Candidate {
	text: string;
	original: Original;
	/** Share of its words that are in the original. */
	related: number;
	/** Its label, if the original has no such label. */
	label: string;
}

function candidate(text: string, original: Original): Candidate {
	const label = labelOf(text);
	const known = label === '' || hasLabel(original, label);
	return { text, original, related: sharedPart(original, text), label: known ? '' : label };
}

type Sign = readonly [points: number, shows: (candidate: Candidate) => boolean];

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

function points(signs: readonly Sign[], of: Candidate): number {
	return signs.reduce((sum, [worth, shows]) => sum + (shows(of) ? worth : 0), 0);
}

/** The evidence, to which quoted words and foreign words add; without evidence they decide nothing. */
function closingSigns(text: string, original: Original, behindRule = false): number {
	if (IDENTIFIER.test(text) && !IDENTIFIER.test(original.text)) return ENOUGH;
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

/** Special tokens of chat templates. HTML tags have no underscore, and `<s>` with its `</s>` strikes text out. */
const TOKEN = new RegExp(
	[
		String.raw`<[|｜][^<>\n]{1,60}[|｜]>`,
		String.raw`</?(?:start|end|begin)[_▁]?of[_▁][a-z_▁]{1,30}>`,
		String.raw`<(?:eos|bos|eot|eom|pad|unk|sep|cls|mask|eod|endoftext|im_end|im_start|eot_id|end|EOS_TOKEN)>`,
		String.raw`\[/?(?:INST|SYS|EOS|BOS|END|DONE|SEP|PAD|CLS|STOP|EOT|EOD)\]`,
		String.raw`<</?SYS>>`,
		String.raw`</?s>`,
		String.raw`<(?:0x[0-9A-F]{2})>`,
	].join('|'),
	'gi',
);

/** Cuts the text at the first special token, and removes the tokens in front of it. */
export const withoutTokens: Unwrap = (text, original) => {
	const lower = original.text.toLowerCase();
	const struck = /<s>[^<>]{0,400}<\/s>/i.test(text);
	const first = [...text.matchAll(TOKEN)].find(
		({ 0: token }) => !lower.includes(token.toLowerCase()) && !(struck && /^<\/?s>$/i.test(token)),
	);
	if (first === undefined) return text;
	const before = text.slice(0, first.index).trimEnd();
	return hasWords(before) ? before : text.slice(first.index + first[0].length).trimStart();
};

/** A line that only marks the end: `{end_of_solution}`, `[END]`, `### END ###`, `-- fin --`. */
const END_LINE =
	/^[^\p{L}\p{N}\n]{0,12}(?:\/[\p{L}_ ]{1,40}|(?:the[_ ])?(?:end|eof|eot|fin|ende|fine|stop|done|终|完|конец)(?:[_ -](?:of|de|du|der|des)[_ -][\p{L}_ -]{1,40}|[_ -][\p{L}]{1,20})?|[\p{L}]{1,20}(?:_[\p{L}]{1,20}){0,4}_(?:end|finished|done|complete))[^\p{L}\p{N}\n]{0,12}$/iu;
/** An identifier in brackets, alone on the last line. */
const MARKER_LINE =
	/^[\s*_`#>-]{0,8}[{[(<]{1,3}\s?\/?\s?[\p{L}\p{N}]{1,30}(?:[_ -][\p{L}\p{N}]{1,30}){0,6}\s?[}\])>]{1,3}[\s*_`.]{0,4}$/u;

/** Cuts an end marker on the last line. */
export const withoutEndMarker: Unwrap = (text, original) => {
	const start = text.lastIndexOf('\n');
	const last = text.slice(start + 1).trim();
	if (start < 0 || last.length > 100 || original.text.includes(last)) return text;
	const isMarker = MARKER_LINE.test(last) && (/[_/]/.test(last) || /end|fin/i.test(last));
	const isEnd = END_LINE.test(last) && /[^\p{L}\s.!]/u.test(last) && sharedPart(original, last) === 0;
	return isMarker || isEnd || /^(?:END|EOF|FIN)\.?$/.test(last) ? text.slice(0, start).trimEnd() : text;
};
