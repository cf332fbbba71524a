/**
 * Takes off markup around the whole of a revised text, if the original has no such markup: quotation
 * marks, brackets, block quotes, emphasis, tags. Every function returns the text unchanged if nothing wraps it.
 */
import type { Original } from './likeness.ts';

export type Unwrap = (text: string, original: Original) => string;

const opens = (text: string, ...signs: string[]): boolean =>
	signs.some((sign) => text.trimStart().startsWith(sign));

/** `>` in front of the lines. */
export const unquotedBlock: Unwrap = (text, original) => {
	if (!opens(text, '>') || /^[ \t]*>/m.test(original.text)) return text;
	return text
		.split('\n')
		.map((line) => line.replace(/^[ \t]{0,3}>[ \t]?/, ''))
		.join('\n');
};

/** A block scalar of YAML: `|` and indented lines. */
export const unindented: Unwrap = (text) => {
	const match = /^[|>][-+]?[ \t]*\n/.exec(text);
	if (match === null) return text;
	return text
		.slice(match[0].length)
		.split('\n')
		.map((line) => line.replace(/^[ \t]+/, ''))
		.join('\n');
};

/** Indentation that all lines below the label share, as in an entry of a list, if the original's first line has none. */
export const dedented: Unwrap = (text, original) => {
	const [first = '', ...lines] = text.split('\n');
	if (first.trim() !== '' || /^\s/.test(original.text)) return text;
	const depths = lines.filter((line) => line.trim() !== '').map((line) => line.search(/[^ \t]/));
	const depth = depths.reduce((least, each) => Math.min(least, each), Infinity);
	return depth > 0 && depth < Infinity ? lines.map((line) => line.slice(depth)).join('\n') : text;
};

const QUOTES: readonly (readonly [string, string])[] = [
	['"""', '"""'],
	["'''", "'''"],
	['"', '"'],
	['“', '”'],
	['„', '“'],
	['„', '”'],
	['”', '”'],
	['«', '»'],
	['»', '«'],
	['‹', '›'],
	["'", "'"],
	['‘', '’'],
	['‚', '‘'],
	['``', "''"],
	['「', '」'],
	['『', '』'],
	['《', '》'],
];
const FINAL_MARK = /[.!?。！？]$/u;

/** True if the quotation mark at a place opens: space or a bracket is in front of it, and a word follows. */
function isOpening(text: string, place: number): boolean {
	return /^$|[\s([{—–-]/.test(text.charAt(place - 1)) && /\S/.test(text.charAt(place + 1));
}

/** True if the quotation mark is an apostrophe between two letters. */
function isApostrophe(text: string, place: number): boolean {
	return /[\p{L}\p{N}]/u.test(text.charAt(place - 1)) && /[\p{L}\p{N}]/u.test(text.charAt(place + 1));
}

/** True if the first quotation mark is closed only by the last one. */
function isOnePair(text: string, open: string, close: string): boolean {
	let depth = 0;
	for (let i = 0; i < text.length; i++) {
		const isOpen = text.startsWith(open, i);
		if (!isOpen && !text.startsWith(close, i)) continue;
		if (isApostrophe(text, i)) continue;
		const opening = open === close ? isOpening(text, i) : isOpen;
		depth += opening ? 1 : -1;
		if (depth <= 0 && i + close.length < text.length) return false;
	}
	return depth <= 0;
}

/** The text inside one pair of signs, also with the final mark behind them; null if they do not wrap it. */
function insideQuotes(text: string, open: string, close: string): string | null {
	const mark = text.endsWith(close) ? '' : (FINAL_MARK.exec(text)?.[0] ?? '');
	const quoted = text.slice(0, text.length - mark.length);
	if (quoted.length <= open.length + close.length || !quoted.endsWith(close)) return null;
	const whole =
		open.length === 3 ? quoted.indexOf(close, 3) === quoted.length - 3 : isOnePair(quoted, open, close);
	if (!whole) return null;
	const inner = quoted.slice(open.length, -close.length).trim();
	return FINAL_MARK.test(inner) ? inner : inner + mark;
}

/** The text inside quotation marks around an answer that opens with one itself; null if none are around it. */
function insideDoubled(text: string, original: string, open: string, close: string): string | null {
	if (!text.startsWith(open, open.length) || original.startsWith(open, open.length)) return null;
	return text.endsWith(close) ? text.slice(open.length, -close.length) : null;
}

/** Quotation marks around the text. */
export const unquoted: Unwrap = (text, original) => {
	for (const [open, close] of QUOTES) {
		if (!text.startsWith(open)) continue;
		const inner = original.text.trim().startsWith(open)
			? insideDoubled(text, original.text.trim(), open, close)
			: insideQuotes(text, open, close);
		if (inner !== null) return inner;
	}
	return text;
};

const BRACKETS: readonly (readonly [string, string])[] = [
	['{', '}'],
	['[', ']'],
	['(', ')'],
	['<', '>'],
	['【', '】'],
	[String.raw`\boxed{`, '}'],
	[String.raw`\text{`, '}'],
	[String.raw`\textbf{`, '}'],
	[String.raw`\textit{`, '}'],
	[String.raw`\emph{`, '}'],
];

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}

/** `{name: …`, `["a"`, `<b>`, `(1`: data, markup and list signs rather than a sentence in brackets. */
const DATA =
	/^(?:[{[]\s{0,40}(?:["']|[\p{L}\p{N}_-]{1,60}\s{0,40}[:,"'[\]{}])|<[a-z/!][^\s<>]{0,40}(?:>|\s[^<>]{0,200}=)|\(\d|\[[ x]\])/iu;

/** Place of the bracket that closes the first one; -1 if none. */
function closingPlace(text: string, open: string, close: string): number {
	const from = open.at(-1);
	let depth = 0;
	for (let i = open.length - 1; i < text.length; i++) {
		if (text[i] === from) depth++;
		else if (text[i] === close && --depth === 0) return i;
	}
	return -1;
}

/** Brackets around the text. */
export const unbracketed: Unwrap = (text, original) => {
	for (const [open, close] of BRACKETS) {
		if (!text.startsWith(open) || !text.endsWith(close)) continue;
		if (original.text.trim().startsWith(open) || DATA.test(text) || isJson(text)) continue;
		if (closingPlace(text, open, close) === text.length - close.length) {
			return text.slice(open.length, -close.length).trim();
		}
	}
	return text;
};

const EMPHASIS = ['***', '___', '**', '__', '~~', '``', '*', '_', '~', '`'] as const;

/** Emphasis or code signs around the text, or around each of its lines. */
export const unemphasised: Unwrap = (text, original) => {
	for (const sign of EMPHASIS) {
		if (!text.startsWith(sign) || original.text.trim().startsWith(sign)) continue;
		const lines = text.split('\n').filter((line) => line.trim() !== '');
		const inner = text.slice(sign.length, -sign.length);
		const whole = text.endsWith(sign) && inner.trim() === inner && inner !== '' && !inner.includes(sign);
		if (whole) return inner;
		const each = lines.every((line) => {
			const part = line.trim().slice(sign.length, -sign.length);
			return line.trim().startsWith(sign) && line.trim().endsWith(sign) && part && !part.includes(sign);
		});
		if (each && lines.length > 1) {
			return text
				.split('\n')
				.map((line) => line.trim().slice(sign.length, -sign.length))
				.join('\n');
		}
	}
	return text;
};

/** Tags that format a whole text. Other tags, such as `<script>`, may be the answer. */
const FORMATTING =
	/^(?:b|i|u|em|strong|p|div|span|code|pre|blockquote|q|mark|center|big|small|font|body|html)$/;
/** Tags that name the answer. */
const NAMING = /answer|solution|response|output|result|text|reply|final|revis|correct|student|version/;
const OPENING_TAG = /^<(?<name>[a-z][\w-]{0,40})(?:\s[^<>]{0,200})?>/i;

const ENVIRONMENT = /^\\begin\{(?<name>[a-z*]{1,30})\}(?<inner>.*)\\end\{\k<name>\}$/is;

/** An environment of LaTeX around the text. */
export const outsideLatex: Unwrap = (text, original) => {
	const inner = ENVIRONMENT.exec(text)?.groups?.['inner'];
	return inner === undefined || original.text.includes('\\begin') ? text : inner.trim();
};

/** A pair of tags around the text. */
export const untagged: Unwrap = (text, original) => {
	const match = OPENING_TAG.exec(text);
	if (match === null) return text;
	const name = match.groups?.['name']?.toLowerCase() ?? '';
	const lower = text.toLowerCase();
	const close = `</${name}>`;
	if (!FORMATTING.test(name) && !NAMING.test(name)) return text;
	if (original.text.toLowerCase().includes(`<${name}`)) return text;
	if (!lower.endsWith(close) || lower.indexOf(close) !== lower.length - close.length) return text;
	return text.slice(match[0].length, -close.length).trim();
};

const CLOSING_TAG = /<\/(?<name>[a-z][\w-]{0,60})>$/i;
const count = (text: string, sign: string): number => text.split(sign).length - 1;

/** A closing tag at the end without its opening tag. */
function withoutClosingTag(text: string): string {
	const tag = CLOSING_TAG.exec(text.slice(-80));
	if (tag === null) return text;
	const open = `<${tag.groups?.['name'] ?? ''}`.toLowerCase();
	return text.toLowerCase().includes(open) ? text : text.slice(0, -tag[0].length).trimEnd();
}

const LEFT_OVER: readonly (readonly [open: string, close: string])[] = [
	['{', '}'],
	['[', ']'],
	['【', '】'],
	['“', '”'],
	['**', '**'],
	['__', '__'],
	['`', '`'],
	['"', '"'],
];

/** True if the text has the closing sign once too often. */
function isLeftOver(text: string, open: string, close: string): boolean {
	// Behind a digit, a quotation mark stands for inches.
	if (!text.endsWith(close) || text.endsWith('```') || /\d["”]$/.test(text.slice(-2))) return false;
	const opened = open === '“' ? count(text, '“') + count(text, '„') : count(text, open);
	// Swedish opens and closes with the same sign.
	const alike = open === close || (open === '“' && opened === 0);
	return alike ? count(text, close) % 2 === 1 : count(text, close) > opened;
}

/** A closing sign at the end without its opening sign, left over from markup around the label. */
export const balanced: Unwrap = (text, original) => {
	const untied = withoutClosingTag(text).replace(/<br ?\/?>$/i, '');
	if (untied !== text) return untied;
	for (const [open, close] of LEFT_OVER) {
		const known = original.text.trimEnd().endsWith(close);
		if (!known && isLeftOver(text, open, close)) return text.slice(0, -close.length).trimEnd();
	}
	return text;
};
