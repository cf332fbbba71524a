/** A fixed phrase within a text, in any case. */
import { lowerFirst, upperFirst } from './sentences.ts';

/** First place of the phrase; -1 if the text does not have it. */
export function placeOf(text: string, phrase: string): number {
	const lower = text.toLowerCase();
	// Some letters change their length in lower case.
	return lower.length === text.length ? lower.indexOf(phrase.toLowerCase()) : -1;
}

/** The text without the phrase at its start, however often it is there. */
export function withoutStart(text: string, phrase: string): string {
	let rest = text.trim();
	while (rest.slice(0, phrase.length).toLowerCase() === phrase.toLowerCase())
		rest = rest.slice(phrase.length).trimStart();
	return rest;
}

/** The text without the phrase, wherever it is. */
export function without(text: string, phrase: string): string {
	const lower = text.toLowerCase();
	if (lower.length !== text.length) return text;
	const key = phrase.toLowerCase();
	let kept = '';
	let from = 0;
	for (let at = lower.indexOf(key); at >= 0; at = lower.indexOf(key, from)) {
		kept = joinedAt(kept, text.slice(from, at));
		from = at + key.length;
	}
	return from === 0 ? text : joinedAt(kept, text.slice(from)).trim();
}

/** Joins two parts with one space; after a full stop the second begins with a capital, after a comma it does not. */
function joinedAt(before: string, after: string): string {
	const left = before.trimEnd();
	const right = after.replace(/^[ \t,;:]+/, '');
	if (left === '' || right === '') return left + right;
	const space = right.startsWith('\n') ? '' : ' ';
	return left + space + (/[.!?]["”]?$/.test(left.slice(-2)) ? upperFirst(right) : lowerFirst(right));
}

/** A word or words as a whole, in any case. Only letters, digits and spaces. */
export function wholeWord(phrase: string): RegExp {
	return new RegExp(`(?<![\\p{L}\\p{N}])${phrase}(?![\\p{L}\\p{N}])`, 'giu');
}
