/** Phrases that a text repeats at once, such as “in short, in short”: small models loop, and a loop must not count as an answer. */
import { bare } from './sentences.ts';

/** Longest phrase in words whose repetition is found. */
const LONGEST = 40;

interface Token {
	/** With the white space before it. */
	text: string;
	word: string;
}

/** The text without the repetitions, and the first phrase that was repeated, or null. */
export function withoutLoops(text: string): { text: string; phrase: string | null } {
	const tokens = [...text.matchAll(/\s*\S+/g)].map(([token]) => ({
		text: token,
		word: bare(token) || token.trim(),
	}));
	const kept: Token[] = [];
	let phrase: string | null = null;
	for (const [i, token] of tokens.entries()) {
		kept.push(token);
		const length = repeatedLength(kept, endsUnit(token, tokens[i + 1]));
		if (length === 0) continue;
		const removed = kept.splice(kept.length - length, length);
		phrase ??= textOf(removed).trim();
	}
	return phrase === null ? { text, phrase } : { text: textOf(kept), phrase };
}

const textOf = (tokens: readonly Token[]): string => tokens.map(({ text }) => text).join('');

/** True if a sentence or a line ends after the token. */
function endsUnit(token: Token | undefined, next: Token | undefined): boolean {
	if (token === undefined || next === undefined) return true;
	return /[.!?:;…][”"’')\]*]?$/.test(token.text.slice(-2)) || /^\s*\n/.test(next.text);
}

/**
 * Words at the end that repeat the words right before them; one word counts if it is there three times. “I like the sea. The
 * sea is wide” is no loop: a repetition that begins a sentence or a line must fill it.
 *
 * @param isEnd true if a sentence or a line ends here
 */
function repeatedLength(tokens: readonly Token[], isEnd: boolean): number {
	const { length } = tokens;
	const last = tokens.at(-1)?.word;
	for (let n = 1; n <= LONGEST && 2 * n <= length; n++) {
		if (tokens[length - 1 - n]?.word !== last || !repeats(tokens, n)) continue;
		if (!isEnd && endsUnit(tokens[length - 1 - n], tokens[length - n])) continue;
		if (n > 1 || tokens[length - 3]?.word === last) return n;
	}
	return 0;
}

function repeats(tokens: readonly Token[], n: number): boolean {
	const { length } = tokens;
	for (let i = 1; i <= n; i++) if (tokens[length - i]?.word !== tokens[length - i - n]?.word) return false;
	return true;
}
