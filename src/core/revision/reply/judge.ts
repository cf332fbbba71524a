/**
 * Decides whether a text can be the revision of an answer. The main evidence is the likeness to the original;
 * words of refusal or of talk decide only together with little likeness.
 */
import type { RejectionReason } from '../revision.ts';
import {
	countedWords,
	hasWords,
	keptShare,
	type Original,
	readOriginal,
	sameButForm,
	sharedPart,
	stemsOf,
} from './likeness.ts';
import { MENTION, NOTHING, REFUSAL, REFUSED, UNCHANGED } from './phrases.ts';
import { excerpt } from '../../text/excerpt.ts';
import { LEFT_OVER_MARKER } from './markers.ts';

export interface Rejection {
	reason: RejectionReason;
	/** One sentence with the evidence. */
	detail: string;
}

/** Below this share of the original's words, a text may be a refusal or a comment. */
const UNLIKE = 0.34;
/** Characters that are searched for a refusal; further into a text, the words are part of an answer. */
const REFUSAL_REACH = 240;
/** A comment that nothing needs to change has no more words. */
const LONGEST_COMMENT = 60;
/** An original with this many words leaves some of them in a minimal edit. */
const ENOUGH_WORDS = 5;
/** Words that carry a comparison; a shorter original has too few. */
const FEW_WORDS = 3;
/** A revision with more characters than this many originals, and than {@link MORE} on top, is no edit. */
const LENGTHS = 5;
const MORE = 400;
/** Sentences that are searched for talk about the edit. */
const MOST_SENTENCES = 40;

type Judgement = (text: string, original: Original, reasoning: string) => Rejection | null;

const quoteOf = (words: RegExp, text: string): string => words.exec(text)?.[0].trim() ?? '';

const noWords: Judgement = (text, original) =>
	!hasWords(text) && hasWords(original.text)
		? { reason: 'empty', detail: 'Nothing but signs follows the marker of the solution.' }
		: null;

const leftOver: Judgement = (text, original) => {
	if (!LEFT_OVER_MARKER.test(text) || LEFT_OVER_MARKER.test(original.text)) return null;
	const detail = `The text mentions a marker of the request: “${quoteOf(LEFT_OVER_MARKER, text)}”.`;
	return { reason: 'mentions-revision', detail };
};

const sameText: Judgement = (text, original) => {
	if (text === original.text.trim())
		return {
			reason: 'identical',
			detail: 'The reply is the same as the answer: there was nothing to correct, so there is no pair.',
		};
	if (!sameButForm(text, original.text)) return null;
	return {
		reason: 'spacing',
		detail: 'The text differs from the answer only in spaces, quotation marks or dashes.',
	};
};

const nothingToChange: Judgement = (text, original) => {
	const words = text.split(/\s+/).length;
	if (words > LONGEST_COMMENT || keptShare(original, text) >= UNLIKE) return null;
	const nothing = countedWords(original) >= ENOUGH_WORDS ? quoteOf(NOTHING, text) : '';
	const found = quoteOf(UNCHANGED, text) || nothing;
	if (found === '' || UNCHANGED.test(original.text)) return null;
	return { reason: 'unchanged', detail: `The reviser found nothing to change: “${found}”.` };
};

/** A refusal in the first words of a text that keeps few words of the original. */
export function refusal(text: string, original: Original): Rejection | null {
	const start = text.slice(0, REFUSAL_REACH);
	// A word for a word may be an edit: “Granted.” becomes “Denied.”
	const kept = keptShare(original, text);
	const patterns = original.stems.size < FEW_WORDS || kept > 0 ? [REFUSAL] : [REFUSAL, REFUSED];
	const words = patterns.find((pattern) => pattern.test(start));
	if (words === undefined || kept >= UNLIKE) return null;
	if (words.test(original.text.slice(0, REFUSAL_REACH))) return null;
	return {
		reason: 'refusal',
		detail: `The reviser declined: “${quoteOf(words, start)}”, and the text keeps few words of the answer.`,
	};
}

const SENTENCE = /[^.!?。！？\n]+[.!?。！？"”’)\]]*/gu;

/** A sentence with this share of the original's words, and with none of them elsewhere, belongs to the answer. */
const OWN_WORDS = 0.2;
/** The same for the part of a sentence that is in the original. */
const OWN_PART = 0.6;

/** True if the sentence is about the original's subject: a revised contract, a corrected invoice. */
function isAnswer(sentence: string, rest: string, text: string, original: Original): boolean {
	if (keptShare(original, text) - keptShare(original, rest) > OWN_WORDS) return true;
	return sharedPart(original, sentence.replace(MENTION, ' ')) >= OWN_PART;
}

function talkIn(sentence: string, rest: string, text: string, original: Original): Rejection | null {
	const mentions = MENTION.test(sentence);
	if (!mentions && !UNCHANGED.test(sentence)) return null;
	if (isAnswer(sentence, rest, text, original)) return null;
	if (hasWords(rest) && sameButForm(rest, original.text)) {
		return { reason: 'unchanged', detail: `The reviser found nothing to change: “${sentence.trim()}”` };
	}
	if (!mentions) return null;
	const found = quoteOf(MENTION, sentence);
	const detail = `The text mentions its revision: “${found}”, in a sentence without words of the answer.`;
	return { reason: 'mentions-revision', detail };
}

/** A sentence that speaks about the edit and not about the subject of the original. */
const talk: Judgement = (text, original) => {
	if (!MENTION.test(text) && !UNCHANGED.test(text)) return null;
	if (MENTION.test(original.text)) return null;
	const sentences = [...text.matchAll(SENTENCE)];
	const later = sentences.slice(MOST_SENTENCES).slice(-MOST_SENTENCES);
	for (const { 0: sentence, index } of [...sentences.slice(0, MOST_SENTENCES), ...later]) {
		const rest = text.slice(0, index) + text.slice(index + sentence.length);
		const rejection = talkIn(sentence, rest, text, original);
		if (rejection !== null) return rejection;
	}
	return null;
};

const farLonger: Judgement = (text, original) => {
	const before = Math.max(1, original.text.trim().length);
	if (text.length <= Math.max(LENGTHS * before, before + MORE)) return null;
	const times = Math.round(text.length / before);
	return { reason: 'too-long', detail: `The text is ${times} times as long as the answer: no minimal edit.` };
};

/**
 * A short text without any word of the original or of the teacher's reasoning: a comment in words that no list has,
 * or another answer.
 */
const otherWords: Judgement = (text, original, reasoning) => {
	if (countedWords(original) < ENOUGH_WORDS || text.split(/\s+/).length > LONGEST_COMMENT) return null;
	if (keptShare(original, text) > 0 || sharedPart(readOriginal(reasoning), text) > 0) return null;
	return { reason: 'too-far', detail: 'The text keeps no word of the answer: no minimal edit.' };
};

const MANY = 3;

/** Times that the most frequent sentence occurs. */
function repeats(text: string): number {
	const counts = new Map<string, number>();
	for (const [sentence] of text.matchAll(SENTENCE)) {
		const key = sentence.trim().toLowerCase();
		if (key.length > 5) counts.set(key, (counts.get(key) ?? 0) + 1);
	}
	return [...counts.values()].reduce((most, each) => Math.max(most, each), 1);
}

const repeated: Judgement = (text, original) => {
	const times = repeats(text);
	if (times < MANY || times <= repeats(original.text)) return null;
	return { reason: 'several', detail: `The text repeats the same sentence ${times} times.` };
};

/** Words of programs and forms in place of an answer. */
const PLACEHOLDER =
	/^[^\p{L}]{0,8}(?:no|yes|n[./]{0,2}a|to ?do|tb[ad]|fixme|undefined|null|nil|none|nan|void|object object|error|string|text|empty|placeholder|lorem ipsum|your (?:answer|text)(?: here)?)[^\p{L}]{0,8}$/iu;
/** Base64 and the like: a long first word, and no other signs. */
const CODE = /^[\w+/=-]{24}[\w+/=\s-]*$/;
const SCRIPTS = [
	'Latin',
	'Cyrillic',
	'Greek',
	'Arabic',
	'Hebrew',
	'Devanagari',
	'Bengali',
	'Tamil',
	'Telugu',
];
const MORE_SCRIPTS = [
	'Thai',
	'Hangul',
	'Han',
	'Hiragana',
	'Katakana',
	'Georgian',
	'Armenian',
	'Ethiopic',
	'Khmer',
];
const SCRIPT = [...SCRIPTS, ...MORE_SCRIPTS].map((name) => new RegExp(`\\p{Script=${name}}`, 'u'));

const inOtherScript = (text: string, original: Original): boolean =>
	SCRIPT.some((script) => script.test(text)) &&
	!SCRIPT.some((script) => script.test(text) && script.test(original.text));

/** A text in another script, a code or a placeholder, without any word of the original. */
const noLikeness: Judgement = (text, original) => {
	// One letter, as in “N/A”, is no common word.
	const shares = stemsOf(text).some((stem) => !/^[a-z]$/.test(stem) && original.stems.has(stem));
	if (shares || original.stems.size < FEW_WORDS) return null;
	if (!inOtherScript(text, original) && !PLACEHOLDER.test(text) && !CODE.test(text)) return null;
	return { reason: 'too-far', detail: `The text keeps no word of the answer: “${excerpt(text, 60)}”.` };
};

const JUDGEMENTS: readonly Judgement[] = [
	noWords,
	leftOver,
	sameText,
	nothingToChange,
	refusal,
	talk,
	otherWords,
	noLikeness,
	farLonger,
	repeated,
];

/** The first reason against a text as the revision of the original; null if there is none. */
export function judge(text: string, original: Original, reasoning: string): Rejection | null {
	for (const each of JUDGEMENTS) {
		const rejection = each(text, original, reasoning);
		if (rejection !== null) return rejection;
	}
	return null;
}
