/**
 * Reads a judge's reply in any form. Judges are asked for `[[A]]`, and write JSON, labels and sentences as well. The rules are
 * tried from the clearest to the weakest, and of one rule the last match counts, because judges weigh both sides first. Two
 * different matches on one line, as in a repeated instruction, are no verdict. A reply without one is a value with its reason.
 * Takes linear time.
 */
import { withoutThinking } from '../revision/reply/thinking.ts';
import type { UnreadReason, VerdictRule } from './judgement.ts';

/** A pick by position: A is the answer that the judge saw first. */
export type Pick = 'A' | 'B' | 'tie';

export type ParsedVerdict = { scores: { a: number; b: number } | null } & (
	{ pick: Pick; rule: VerdictRule; unread: null } | { pick: null; rule: null; unread: UnreadReason }
);

/** No judge needs more; the end of a longer reply is read. */
const LONGEST_REPLY = 100_000;

const SIDE = 'A|B|1|2|first|second|one|two';
const TIE = 'C|ties?|tied|draw|equal|both|neither';
const NOUN = '(?:assistant|answer|response|model|option|solution)';
/** Signs between a label and its value. */
const SIGNS = String.raw`[\s*_"'“”‘’:=(#\`-]{0,12}`;

const BRACKETS = [
	/\[{1,2}[ \t]{0,3}([ABC]|tie|draw|[AB][ \t]?(?:>{1,3}|<{1,3}|=)[ \t]?[AB])[ \t]{0,3}\]{1,2}/gi,
	/\\boxed\{(?:\\text\{)?([ABC]|tie)\}/gi,
];
const JSON_KEY = new RegExp(
	String.raw`"(?:verdict|winner|choice|preferred|preference|better|best|decision|judge?ment)"\s{0,4}:\s{0,4}"${NOUN}?[\s_-]?(${SIDE}|${TIE})"`,
	'gi',
);
const LABEL = new RegExp(
	String.raw`\b(?:verdict|winner|judge?ment|choice|decision|preference|preferred|conclusion|better|best)(?: ${NOUN}| one| choice)?${SIGNS}(?:is${SIGNS}|goes to${SIGNS})?(?:the |an? )?${NOUN}?${SIGNS}(${SIDE}|${TIE})(?![\w’'])`,
	'gi',
);
const DEGREES = '(?:clearly |much |slightly |significantly |somewhat |overall |far |the |a bit |still ){0,3}';
const SENTENCES = [
	new RegExp(
		String.raw`\b${NOUN}[\s*_"'“”]{0,4}(${SIDE})["'”*_]{0,4}(?:’s|'s)?(?: ${NOUN})? (?:wins|(?:is|was|does|seems) ${DEGREES}(?:better|best|superior|stronger|preferable|preferred|winner))(?!\w)`,
		'gi',
	),
	new RegExp(String.raw`\bprefer(?: the)?(?: ${NOUN})?[\s*_"'“”]{1,4}(${SIDE})(?![\w’'])`, 'gi'),
	new RegExp(
		String.raw`\b(?:are|is|it’s|it's|call it|declare) (?:both |about |roughly |an? )?(equal|tied|tie|draw)(?:ly good)?(?!\w)`,
		'gi',
	),
];
const ALONE = new RegExp(`^(?:the )?(?:${NOUN} ?)?(${SIDE}|${TIE})$`, 'i');
const SCORE = new RegExp(
	String.raw`\b(?:score|rating|grade)(?: of| for)?(?: ${NOUN})?[ \t]{0,3}([AB])\b[\s*_:=()-]{0,8}?(-?\d{1,4}(?:\.\d{1,6})?)`,
	'gi',
);
const REFUSAL =
	/^\W{0,4}(?:i(?:’|'| a)m sorry|sorry|i cannot|i can(?:’|')t|i am unable|as an ai\b|unable to)/i;

interface Found {
	pick: Pick;
	index: number;
}

/** @param reply the raw reply of a judge */
export function parseVerdict(reply: string): ParsedVerdict {
	const text = withoutThinking(reply.slice(-LONGEST_REPLY), '').trim();
	const scores = scoresIn(text);
	if (text === '') return { pick: null, rule: null, unread: 'empty', scores };
	const rules: readonly (readonly [VerdictRule, () => readonly Found[]])[] = [
		['brackets', () => BRACKETS.flatMap((pattern) => matches(text, pattern))],
		['json', () => matches(text, JSON_KEY)],
		['alone', () => lastLine(text)],
		['label', () => matches(text, LABEL, true)],
		['sentence', () => SENTENCES.flatMap((pattern) => matches(text, pattern, true))],
	];
	for (const [rule, find] of rules) {
		const pick = lastClear(text, find());
		if (pick !== null) return { pick, rule, unread: null, scores };
	}
	return { pick: null, rule: null, unread: REFUSAL.test(text) ? 'refusal' : 'no-verdict', scores };
}

/** @param inProse a single small letter is an article or part of a list there, and no verdict */
function matches(text: string, pattern: RegExp, inProse = false): readonly Found[] {
	return [...text.matchAll(pattern)].flatMap(({ 1: word = '', index }) => {
		const pick = inProse && /^[a-z]$/.test(word) ? null : pickOf(word);
		return pick === null ? [] : [{ pick, index }];
	});
}

function lastLine(text: string): readonly Found[] {
	const index = text.lastIndexOf('\n') + 1;
	const line = text.slice(index);
	if (line.length > 60) return [];
	const word = ALONE.exec(line.replace(/[^\p{L}\p{N}]+/gu, ' ').trim())?.[1];
	const pick = word === undefined ? null : pickOf(word);
	return pick === null ? [] : [{ pick, index }];
}

/** The last match, unless its line has a match with another verdict. */
function lastClear(text: string, found: readonly Found[]): Pick | null {
	const last = found.reduce<Found | null>((best, one) => (best && best.index > one.index ? best : one), null);
	if (last === null) return null;
	const start = text.lastIndexOf('\n', last.index) + 1;
	return found.every(({ pick, index }) => index < start || pick === last.pick) ? last.pick : null;
}

function pickOf(word: string): Pick | null {
	const plain = word.toLowerCase().replace(/\s/g, '');
	if (/^(?:a|1|first|one)$/.test(plain)) return 'A';
	if (/^(?:b|2|second|two)$/.test(plain)) return 'B';
	const order = /^([ab])([<>=])[<>=]{0,2}([ab])$/.exec(plain);
	if (order === null) return 'tie';
	const [, left = '', sign = '', right = ''] = order;
	if (left === right) return null;
	if (sign === '=') return 'tie';
	return (sign === '>' ? left : right) === 'a' ? 'A' : 'B';
}

function scoresIn(text: string): { a: number; b: number } | null {
	const last = new Map(
		[...text.matchAll(SCORE)].map(({ 1: side = '', 2: number = '' }) => [side.toUpperCase(), Number(number)]),
	);
	const [a, b] = [last.get('A'), last.get('B')];
	return a === undefined || b === undefined ? null : { a, b };
}
