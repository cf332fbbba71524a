/**
 * Cuts a remark on the last line of the answer: a bracketed group, a comment behind an arrow or dash, a postscript,
 * emoji. A remark is recognised by its place behind the sentence's end, and by words that the original lacks.
 */
import { hasWords, keptShare, type Original, sharedPart, stemsOf } from './likeness.ts';
import { EDIT_WORD, FIRST_PERSON, GRAMMAR, MENTION, REMARK_LABEL, TALK, UNCHANGED } from './phrases.ts';
import { abridges } from './remarkSigns.ts';
import type { Unwrap } from './wrapping.ts';

/** Characters at the end that are searched for a remark. */
const LONGEST = 600;
/** Places at which a remark may begin. */
const MOST = 6;
/** A remark shares less of its words with the original, unless it speaks about the edit. */
const UNRELATED = 0.2;
/** A remark that speaks about the edit may repeat the changed words. */
const RELATED = 0.6;
/** Share of the kept words that must remain without a remark. */
const REMAINING = 0.6;

const ENDED = /[.!?。！？…][\p{Pe}\p{Pf}"'*_~`]{0,4}\s*$/u;
const CITED = /(?<![\p{L}\p{N}])["“”„«»‘’'`*「『](?<words>[^"“”„«»‘’'`*「」『』\n]{1,60})["“”«»‘’'`*」』]/gu;
const PAIRS: readonly (readonly [open: string, close: string])[] = [
	['<!--', '-->'],
	['/*', '*/'],
	['(', ')'],
	['[', ']'],
	['{', '}'],
	['（', '）'],
	['［', '］'],
	['【', '】'],
	['〔', '〕'],
	['〈', '〉'],
];
/** Signs in front of a comment behind the answer. */
const SIGNED =
	/(?<=\s|[.!?。！？…]["”’»)]{0,2})(?:<?[←⇐⬅⟵]\uFE0F?|<--?|<==?|→|➜|⇒|-->?|->|=>|[—–―~]{1,2}|\/\/|#|※|†|\*|\|)\s*(?=[^\s*#|←-])/gu;
const POSTSCRIPT =
	/(?<=^|\n|[.!?。！？…]["”’»)]{0,2}\s{0,4})(?:P\.[ ]?P?\.?[ ]?S\.?|PP?S|N\.?B\.?)[ ]?[:.,]?\s/gu;
const LABELLED =
	/(?<=[.!?。！？…]["”’»)]{0,2}\s{0,4})[*_]{0,2}(?<label>\p{L}[\p{L}\p{M} ’']{1,24})[*_]{0,2}[ ]?[:：]/gu;
const SENTENCE_END = /[.!?。！？]["”’)\]]{0,2}\s{1,4}(?=\S)/gu;
/** Ticks, crosses and the like at the end. Other emoji may be part of an answer. */
const EMOJI = /(?:\s|[✅✔✓☑❌✖✗✘✏🎉✨]|👍|\uFE0F|\p{Emoji_Modifier}){1,40}$/u;
const PICTOGRAPH = /[✅✔✓☑❌✖✗✘✏🎉✨]|👍/u;

/** True if the remark quotes a word of the original that the rest of the text lacks. */
function citesRemoved(remark: string, rest: string, original: Original): boolean {
	const left = new Set(stemsOf(rest));
	const exact = new Set(rest.toLowerCase().match(/[\p{L}\p{N}]+/gu));
	const known = new Set(original.text.toLowerCase().match(/[\p{L}\p{N}]+/gu));
	return [...remark.matchAll(CITED)].some(({ groups }) => {
		const words = (groups?.['words'] ?? '').toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
		return words.some((word) => known.has(word) && (!exact.has(word) || !left.has(word)));
	});
}

/** True if the pattern matches words that the original lacks. */
function says(pattern: RegExp, text: string, original: Original): boolean {
	const found = pattern.exec(text)?.[0];
	return found !== undefined && !original.text.toLowerCase().includes(found.trim().toLowerCase());
}

/** True if the remark speaks about the edit in words that the original lacks. */
function speaks(remark: string, rest: string, original: Original): boolean {
	if (sharedPart(original, remark.replace(CITED, ' ')) >= RELATED) return false;
	if (citesRemoved(remark, rest, original)) return true;
	return [EDIT_WORD, MENTION, TALK, UNCHANGED, GRAMMAR, FIRST_PERSON].some((words) =>
		says(words, remark, original),
	);
}

/** True if the text is whole without the remark. */
function isRemark(remark: string, rest: string, original: Original): boolean {
	if (!hasWords(rest) || original.text.includes(remark.trim())) return false;
	if (abridges(remark, rest, original)) return false;
	if (keptShare(original, rest) < REMAINING * keptShare(original, `${rest} ${remark}`)) return false;
	if (speaks(remark, rest, original)) return true;
	return ENDED.test(rest.slice(-20)) && sharedPart(original, remark) < UNRELATED;
}

/** Place of the bracket that opens the last group; -1 if none. */
function openingPlace(text: string, open: string, close: string): number {
	if (open.length > 1) return text.lastIndexOf(open);
	let depth = 0;
	for (let i = text.length - 1; i >= Math.max(0, text.length - LONGEST); i--) {
		if (text[i] === close) depth++;
		else if (text[i] === open && --depth === 0) return i;
	}
	return -1;
}

/** The text without the bracketed remark at its end; the final mark stays. */
function withoutGroup(text: string, original: Original): string | null {
	const tail = /[*_~`]{0,3}(?<mark>[.!?。！？]?)[*_~`]{0,3}$/u.exec(text);
	const body = tail === null ? text : text.slice(0, tail.index);
	for (const [open, close] of PAIRS) {
		if (!body.endsWith(close)) continue;
		const place = openingPlace(body, open, close);
		if (place < 1) continue;
		const remark = body.slice(place + open.length, -close.length);
		const rest = body.slice(0, place).replace(/[\s*_~`]{1,8}$/u, '');
		// A number, as in a list of sources, is no remark, and neither is a placeholder of the answer.
		if (!/\p{L}{2}/u.test(remark) && !/\p{Script=Han}/u.test(remark)) return null;
		if (!isRemark(remark, rest, original)) return null;
		return ENDED.test(rest.slice(-20)) ? rest : rest + (tail?.groups?.['mark'] ?? '');
	}
	return null;
}

/** The text in front of the first match that begins a remark. */
function withoutMatch(text: string, pattern: RegExp, original: Original, strict: boolean): string | null {
	const offset = Math.max(0, text.length - LONGEST);
	for (const { 0: sign, index, groups } of [...text.slice(offset).matchAll(pattern)].slice(-MOST)) {
		const place = offset + index;
		const rest = text.slice(0, place).trimEnd();
		const remark = text.slice(place + sign.length);
		const label = groups?.['label'];
		if (label !== undefined && !REMARK_LABEL.test(label)) continue;
		if (place === 0 || original.text.includes(sign.trim())) continue;
		// Within a sentence, a dash or an arrow belongs to the answer.
		if (strict && !ENDED.test(rest.slice(-20)) && !/[←⇐⬅⟵]|<[-=]/u.test(sign)) continue;
		if (!remark.includes('\n') && isRemark(remark, rest, original)) return rest;
	}
	return null;
}

/** A last sentence that begins with a word of editing and quotes the removed words. */
function withoutReport(text: string, original: Original): string | null {
	const offset = Math.max(0, text.length - LONGEST);
	const end = [...text.slice(offset).matchAll(SENTENCE_END)].slice(-MOST).find(({ 0: sign, index }) => {
		const place = offset + index + sign.length;
		const sentence = text.slice(place);
		const first = EDIT_WORD.exec(sentence);
		return first?.index === 0 && citesRemoved(sentence, text.slice(0, place), original);
	});
	if (end === undefined) return null;
	const place = offset + end.index + end[0].length;
	const rest = text.slice(0, place).trimEnd();
	return isRemark(text.slice(place), rest, original) ? rest : null;
}

function withoutEmoji(text: string, original: Original): string | null {
	if (PICTOGRAPH.test(original.text)) return null;
	const found = EMOJI.exec(text.slice(-60))?.[0] ?? '';
	const rest = text.slice(0, text.length - found.length);
	return found.trim() !== '' && PICTOGRAPH.test(found) && hasWords(rest) ? rest : null;
}

/** Cuts a remark on the last line of the answer. */
export const withoutTail: Unwrap = (whole, original) => {
	const text = whole.trimEnd();
	return (
		withoutEmoji(text, original) ??
		withoutGroup(text, original) ??
		withoutMatch(text, POSTSCRIPT, original, false) ??
		withoutMatch(text, SIGNED, original, true) ??
		withoutMatch(text, LABELLED, original, false) ??
		withoutReport(text, original) ??
		whole
	);
};
