/**
 * JSON with comments and trailing commas, as editors and configuration files have it. Both become spaces, so that every other
 * character keeps its place. All functions take linear time.
 */
import { lineEnd } from './text.ts';

const QUOTE = '"';

/** Index after the string that opens at `at`; a string ends with its line at the latest, so that a lost quote costs one line. */
function stringEndInLine(text: string, at: number): number {
	for (let i = at + 1; i < text.length; i++) {
		const letter = text.charAt(i);
		if (letter === '\\') i++;
		else if (letter === QUOTE) return i + 1;
		else if (letter === '\n' || letter === '\r') return i;
	}
	return text.length;
}

/** Index after the comment that opens at `at`; `at` if none does. */
function commentEnd(text: string, at: number): number {
	if (text.startsWith('//', at)) return lineEnd(text, at);
	if (!text.startsWith('/*', at)) return at;
	const end = text.indexOf('*/', at + 2);
	return end < 0 ? text.length : end + 2;
}

/** The text with spaces in place of its comments; line ends stay. */
export function withoutComments(text: string): string {
	if (!/\/[/*]/.test(text)) return text;
	const parts: string[] = [];
	let kept = 0;
	for (let i = 0; i < text.length; i++) {
		const letter = text.charAt(i);
		if (letter === QUOTE) i = stringEndInLine(text, i) - 1;
		if (letter !== '/') continue;
		const end = commentEnd(text, i);
		if (end === i) continue;
		parts.push(text.slice(kept, i), text.slice(i, end).replace(/[^\r\n]/g, ' '));
		kept = end;
		i = end - 1;
	}
	return parts.join('') + text.slice(kept);
}

/** The text with a space in place of each comma in front of a closing bracket. */
function withoutTrailingCommas(text: string): string {
	const parts: string[] = [];
	let kept = 0;
	let comma = -1;
	for (let i = 0; i < text.length; i++) {
		const letter = text.charAt(i);
		if (letter === ' ' || letter === '\n' || letter === '\r' || letter === '\t') continue;
		if (comma >= 0 && (letter === ']' || letter === '}')) {
			parts.push(text.slice(kept, comma), ' ');
			kept = comma + 1;
		}
		comma = letter === ',' ? i : -1;
		if (letter === QUOTE) i = stringEndInLine(text, i) - 1;
	}
	return parts.join('') + text.slice(kept);
}

/** The text as JSON without comments and trailing commas. */
export const strictJson = (text: string): string => withoutTrailingCommas(withoutComments(text));
