/** Scans JSON text without parsing it: where values, brackets and strings end. All functions take linear time. */
import { stringEnd } from './json.ts';

/** RFC 7464 puts a record separator in front of each JSON text. */
export const RECORD_SEPARATOR = 0x1e;

const isSpace = (code: number): boolean =>
	code === 32 || (code >= 9 && code <= 13) || code === 0xfeff || code === RECORD_SEPARATOR;

export function skipSpaces(text: string, at = 0): number {
	while (at < text.length && isSpace(text.charCodeAt(at))) at++;
	return at;
}

export const QUOTE = 34;
export const COMMA = 44;
export const COLON = 58;
export const OPEN_LIST = 91;
export const CLOSE_LIST = 93;
export const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

export const opens = (code: number): boolean => code === OPEN_LIST || code === OPEN_OBJECT;
export const closes = (code: number): boolean => code === CLOSE_LIST || code === CLOSE_OBJECT;

/** True where a value without brackets or quotes ends: a number, a word. */
const endsWord = (code: number): boolean => code === COMMA || isSpace(code) || closes(code);

/** Index after the brackets that open at `at`; −1 if brackets or quotes do not close in order. */
function bracketsEnd(text: string, at: number, limit: number): number {
	const open: number[] = [];
	for (let i = at; i < limit; i++) {
		const code = text.charCodeAt(i);
		if (code === QUOTE) {
			const end = quotesEnd(text, i, limit);
			if (end < 0) return -1;
			i = end - 1;
		} else if (opens(code)) open.push(code);
		else if (closes(code)) {
			// A closing bracket is two code points after its opening one.
			if (open.pop() !== code - 2) return -1;
			if (open.length === 0) return i + 1;
		}
	}
	return -1;
}

/** Index after the string that opens at `at`; −1 if it is not closed. */
function quotesEnd(text: string, at: number, limit: number): number {
	const end = stringEnd(text, at, limit);
	return end - 1 > at && text.charCodeAt(end - 1) === QUOTE ? end : -1;
}

/** Index after the value that starts at `at`; −1 if its brackets or quotes do not close in order before `limit`. */
export function valueEnd(text: string, at: number, limit = text.length): number {
	const first = text.charCodeAt(at);
	if (opens(first)) return bracketsEnd(text, at, limit);
	if (first === QUOTE) return quotesEnd(text, at, limit);
	let end = at;
	while (end < limit && !endsWord(text.charCodeAt(end))) end++;
	return end;
}
