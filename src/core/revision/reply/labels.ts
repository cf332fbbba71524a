/**
 * Finds the labels of a reply: the requested markers and headings in their place, in any markup. A label counts
 * only if it opens a line, because sentences may mention the markers too. Each line is read once.
 */

import { ORIGINAL, REASONING, SOLUTION } from './markers.ts';

/**
 * `solution` and `reasoning` are the requested markers, `original` repeats the request's marker of the answer, and
 * `near` asks for the solution in other words.
 */
export type LabelKind = 'solution' | 'near' | 'reasoning' | 'original' | 'section' | 'end' | 'unknown';
/** How a label is written. */
export type LabelForm = 'brace' | 'tag' | 'bold' | 'plain';

export interface Label {
	kind: LabelKind;
	form: LabelForm;
	/** The words of the label, without and with its brackets. */
	name: string;
	written: string;
	/** A colon or another sign follows the name. */
	separator: '' | ':' | 'other';
	/** Nothing else is on its line. */
	alone: boolean;
	/** Number behind the name, as in `{corrected_student_solution_2}`; empty if none. */
	number: string;
	/** The label is a key of JSON in double quotes. */
	quoted: boolean;
	/** Start of the label's line, and the first character behind the label. */
	start: number;
	end: number;
}

/** Longest label with its markup, in characters. */
const LONGEST = 160;

const KNOWN: readonly (readonly [LabelKind, RegExp])[] = [
	['solution', new RegExp(String.raw`${SOLUTION}(?:[ _]?#?(?<number>\d{1,2}))?`, 'iy')],
	['reasoning', new RegExp(REASONING, 'iy')],
	['original', new RegExp(ORIGINAL, 'iy')],
];

/** Words for an edit and for its result, at the start and in the rest of a `near` label. */
const EDIT =
	/^(?:corr?ect\w{0,4}|correcion|revised|revision|improved|final|rewritten|edited|fixed|updated|polished)$/i;
const RESULT = /^(?:solutions?|answers?|responses?|versions?|texts?|repl(?:y|ies)|sentences?|students?)$/i;

const ALONE = /^(?:corrected|revised|improved|rewritten|revision|correction|rewrite)$/i;

const HTML =
	/<\/?(?:b|i|u|em|strong|h[1-6]|p|span|div|mark|code|pre|li|ul|ol|br|section|font|center|big|small)(?:\s[^<>\n]{0,80})?\/?>/iy;
const NUMBERING = /\(?\d{1,3}[.):]\)?[ \t]/y;
const BRACKETS = /[{[(<【〔《〈«]{1,3}[ \t]*(?<end>\/?)[ \t]*[*_`"']{0,3}/y;
const CLOSING = /[ \t]*[*_`"'\\]{0,3}[ \t]*[:：]?[ \t]*[}\])>】〕》〉»]{1,3}/y;
/** Attributes of a tag of XML: ` lang="en"`. */
const ATTRIBUTES =
	/(?:[ \t]{1,8}[\w:.-]{1,40}[ \t]?=[ \t]?(?:"[^"\n]{0,80}"|'[^'\n]{0,80}'|[\w.-]{1,40}))+(?=[ \t]?\/?>)/y;
/** The name of a tag, which holds no space. */
const TAG_NAME = /[\p{L}][\p{L}\p{N}_-]{1,59}/uy;
const NAME = /[\p{L}][\p{L}\p{M}\p{N}\\_ \t’'-]{1,59}/uy;
const ASIDE = /[ \t]*\([^()\n]{0,40}\)/y;
const SEPARATOR = /[ \t]*(?:(?<colon>\\?:|：|︰|﹕)|(?<other>={1,2}>?|->|→|⇒|\||[-–—](?=[ \t])))/y;
const EMPHASIS = /[*_`]{1,3}(?=[ \t]*$)/;

/** Matches a sticky pattern at a place. */
function matchAt(pattern: RegExp, text: string, place: number): RegExpExecArray | null {
	pattern.lastIndex = place;
	return pattern.exec(text);
}

const skip = (pattern: RegExp, text: string, place: number): number =>
	place + (matchAt(pattern, text, place)?.[0].length ?? 0);

/** Length of the markup in front of a label: quotes, bullets, numbers, headings, emphasis, tags. */
function markupLength(line: string): number {
	let place = 0;
	while (place < line.length) {
		const markup = matchAt(HTML, line, place) ?? matchAt(NUMBERING, line, place);
		if (markup !== null) place += markup[0].length;
		else if (/[\p{L}\p{N}{[(<【〔《〈«]/u.test(String.fromCodePoint(line.codePointAt(place) ?? 32))) break;
		else place += 1;
	}
	return place;
}

interface Named {
	kind: LabelKind;
	name: string;
	number: string;
	end: number;
}

function knownName(line: string, place: number): Named | null {
	for (const [kind, pattern] of KNOWN) {
		const match = matchAt(pattern, line, place);
		if (match === null) continue;
		const end = place + match[0].length;
		// A longer word, such as `solutions`, is another name.
		if (/[\p{L}\p{N}]/u.test(line.charAt(end))) continue;
		return { kind, name: match[0], number: match.groups?.['number'] ?? '', end };
	}
	return null;
}

/** True for other words that ask for the same section, such as `Corrected solution` or `final_answer`. */
export function isNear(name: string): boolean {
	const parts = name.split(/[^\p{L}\p{N}]+/u).filter((part) => part !== '');
	if (parts.length === 1) return ALONE.test(name.trim());
	if (parts.length > 5) return false;
	return parts.some((part) => EDIT.test(part)) && parts.some((part) => RESULT.test(part));
}

function kindOf(name: string): LabelKind {
	const lower = name.trim().toLowerCase();
	if (/^end(?:$|[_ \t-])|[_ \t-]end$/.test(lower)) return 'end';
	if (isNear(lower)) return 'near';
	if (/^(?:task|prompt|question|original|reasoning|explanation|notes?)$/.test(lower)) return 'section';
	// Identifiers of several words are markers; a single word in braces may be a placeholder of the answer.
	return /\p{L}_\p{L}/u.test(lower.replaceAll('\\', '')) ? 'section' : 'unknown';
}

function otherName(line: string, place: number): Named | null {
	const match = matchAt(NAME, line, place);
	if (match === null) return null;
	const name = match[0].trimEnd();
	return { kind: kindOf(name), name, number: '', end: place + name.length };
}

/** The name of a tag with attributes, with them; null if there is none. */
function taggedName(line: string, place: number): Named | null {
	const known = knownName(line, place);
	const name = known?.name ?? matchAt(TAG_NAME, line, place)?.[0] ?? '';
	const end = known?.end ?? place + name.length;
	const attributes = name === '' ? null : matchAt(ATTRIBUTES, line, end);
	if (attributes === null) return null;
	const named = known ?? { kind: kindOf(name), name, number: '' };
	return { ...named, end: end + attributes[0].length };
}

interface Read {
	named: Named;
	bracket: string;
	isEnd: boolean;
	closed: boolean;
	/** End of the name with its closing brackets. */
	end: number;
}

/** Reads the name at a place, in brackets or bare; null if the line has no label there. */
function readName(line: string, place: number): Read | null {
	const opening = matchAt(BRACKETS, line, place);
	const start = place + (opening?.[0].length ?? 0);
	const named =
		(opening?.[0].charAt(0) === '<' ? taggedName(line, start) : null) ??
		knownName(line, start) ??
		otherName(line, start);
	if (named === null) return null;
	if (opening === null) return { named, bracket: '', isEnd: false, closed: false, end: named.end };
	const closing = matchAt(CLOSING, line, named.end);
	return {
		named,
		bracket: opening[0].charAt(0),
		isEnd: opening.groups?.['end'] === '/',
		closed: closing !== null,
		end: named.end + (closing?.[0].length ?? 0),
	};
}

interface Tail {
	separator: Label['separator'];
	/** The emphasis around the label is closed behind it. */
	emphasised: boolean;
	end: number;
}

/** Reads the separator and the closing markup behind a name. */
function readTail(line: string, place: number, emphasis: string, quoted: boolean): Tail {
	let end = place;
	let emphasised = false;
	let unquoted = !quoted;
	const closeMarkup = (): void => {
		for (;;) {
			const html = matchAt(HTML, line, end);
			if (html?.[0].startsWith('</') !== true) break;
			end += html[0].length;
		}
		if (!unquoted && line.startsWith('"', end)) {
			unquoted = true;
			end++;
		}
		if (emphasis === '' || emphasised || !line.startsWith(emphasis, end)) return;
		emphasised = true;
		end += emphasis.length;
	};
	closeMarkup();
	end = skip(ASIDE, line, end);
	closeMarkup();
	const sign = matchAt(SEPARATOR, line, end);
	if (sign !== null) {
		end += sign[0].length;
		closeMarkup();
	}
	return {
		separator: sign === null ? '' : sign.groups?.['colon'] === undefined ? 'other' : ':',
		emphasised,
		end,
	};
}

/** Kinds with a name of the request, which count without brackets too. */
const REQUESTED: ReadonlySet<LabelKind> = new Set(['solution', 'reasoning', 'original']);

/** Bare words count only as a heading, which may be in another language, or with a colon. */
function isBareLabel(
	kind: LabelKind,
	{ separator, emphasised }: Tail,
	alone: boolean,
	heading: boolean,
): boolean {
	if (alone) return heading || emphasised || separator === ':';
	return separator === ':' && (kind === 'near' || emphasised);
}

function isBracketed({ named: { kind }, bracket, closed }: Read, tail: Tail, alone: boolean): boolean {
	if (kind === 'near') return closed || tail.separator === ':';
	if (kind === 'end') return closed;
	return kind === 'section' && bracket !== '(' && closed && isMarked(tail, alone);
}

const isMarked = ({ separator, emphasised }: Tail, alone: boolean): boolean =>
	separator !== '' || alone || emphasised;

/** True if the name and its signs make a label and not the start of a sentence. */
function isLabel(read: Read, tail: Tail, alone: boolean, heading: boolean): boolean {
	const { named, bracket, closed } = read;
	if (!REQUESTED.has(named.kind)) {
		return bracket === '' ? isBareLabel(named.kind, tail, alone, heading) : isBracketed(read, tail, alone);
	}
	return bracket === '' ? isMarked(tail, alone) : closed || tail.separator !== '';
}

function formOf(bracket: string, emphasis: string): LabelForm {
	if (bracket === '<') return 'tag';
	if (bracket !== '') return 'brace';
	return emphasis.startsWith('**') || emphasis.startsWith('__') ? 'bold' : 'plain';
}

/** Reads the label that opens a line; null if there is none. */
function readLabel(whole: string, offset: number): Label | null {
	const line = whole.slice(0, LONGEST);
	const place = markupLength(line);
	const read = readName(line, place);
	if (read === null) return null;
	const markup = line.slice(0, place);
	const emphasis = EMPHASIS.exec(markup)?.[0] ?? '';
	const quoted = markup.endsWith('"');
	const tail = readTail(line, read.end, emphasis, quoted);
	const alone = line.slice(tail.end).trim() === '' && whole.length <= LONGEST;
	if (!isLabel(read, tail, alone, markup.includes('#'))) return null;
	const { kind, name, number } = read.named;
	const unsure = read.bracket === '' && !REQUESTED.has(kind) && kind !== 'near';
	return {
		kind: read.isEnd ? 'end' : unsure ? 'unknown' : kind,
		form: formOf(read.bracket, emphasis),
		name,
		written: line.slice(place, read.end),
		number,
		separator: tail.separator,
		alone,
		quoted: quoted && read.bracket === '',
		start: offset,
		end: offset + tail.end,
	};
}

/** All labels of a reply, in order. Expects line ends of `\n`. */
export function labelsOf(reply: string): Label[] {
	const labels: Label[] = [];
	let offset = 0;
	for (const line of reply.split('\n')) {
		const label = readLabel(line, offset);
		if (label !== null) labels.push(label);
		offset += line.length + 1;
	}
	return labels;
}
