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
	const kept: Token[] = [];
	let phrase: string | null = null;
	for (const match of text.matchAll(/\s*\S+/g)) {
		kept.push({ text: match[0], word: bare(match[0]) || match[0].trim() });
		const length = repeatedLength(kept);
		if (length === 0) continue;
		const removed = kept.splice(kept.length - length, length);
		phrase ??= removed
			.map(({ text: token }) => token)
			.join('')
			.trim();
	}
	return phrase === null ? { text, phrase } : { text: kept.map((token) => token.text).join(''), phrase };
}

/** Words at the end that repeat the words right before them; one word counts if it is there three times. */
function repeatedLength(tokens: readonly Token[]): number {
	const { length } = tokens;
	const last = tokens.at(-1)?.word;
	for (let n = 1; n <= LONGEST && 2 * n <= length; n++) {
		if (tokens[length - 1 - n]?.word !== last || !repeats(tokens, n)) continue;
		if (n > 1 || tokens[length - 3]?.word === last) return n;
	}
	return 0;
}

function repeats(tokens: readonly Token[], n: number): boolean {
	const { length } = tokens;
	for (let i = 1; i <= n; i++) if (tokens[length - i]?.word !== tokens[length - i - n]?.word) return false;
	return true;
}
