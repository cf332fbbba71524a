/** The text that each token of a text adds. */
import type { Decode } from './decoder.ts';

/** A character at the end that later tokens may complete. */
const isOpen = (text: string): boolean => text.endsWith('\uFFFD');

/** @returns one piece per token; joined, they equal `decode(tokens)` */
export function piecesOf(tokens: readonly string[], decode: Decode): string[] {
	const pieces = windowPieces(tokens, decode);
	const whole = decode(tokens);
	return pieces.join('') === whole ? pieces : prefixPieces(tokens, decode, whole);
}

/** Decodes each token after the piece before it, because the first token of a text may lose its space. */
function windowPieces(tokens: readonly string[], decode: Decode): string[] {
	const pieces: string[] = [];
	let before = 0;
	let start = 0;
	for (let i = 0; i < tokens.length; i++) {
		const known = decode(tokens.slice(before, start));
		const text = decode(tokens.slice(before, i + 1)).slice(known.length);
		const complete = !isOpen(text) || i === tokens.length - 1;
		pieces.push(complete ? text : '');
		if (!complete) continue;
		if (text !== '') before = start;
		start = i + 1;
	}
	return pieces;
}

/**
 * For bytes that are not UTF-8, whose text depends on all bytes of their run: each token adds the characters that
 * agree with the whole text.
 */
function prefixPieces(tokens: readonly string[], decode: Decode, whole: string): string[] {
	let length = 0;
	return tokens.map((_, i) => {
		const last = i === tokens.length - 1;
		const until = last ? whole.length : agreement(decode(tokens.slice(0, i + 1)), whole, length);
		const piece = whole.slice(length, until);
		length = until;
		return piece;
	});
}

/** Length of the common start of two texts, at least `from`; an open character at its end is left to a later token. */
function agreement(text: string, whole: string, from: number): number {
	let length = from;
	while (length < text.length && text[length] === whole[length]) length++;
	while (length > from && isOpen(whole.slice(from, length))) length--;
	return length;
}
