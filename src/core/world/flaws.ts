/**
 * Flaws that any answer can have, whatever its family: a filler in front, chatter behind, a word twice, an end cut off.
 * The families' own flaws, three quarters of the flawed answers, are in their files.
 */
import { at } from '../math/at.ts';
import type { Rng } from '../math/rng.ts';

export interface GenericFlaw {
	id: string;
	/** The text with the flaw; any text with at least one word comes out different. */
	apply(text: string, rng: Rng): string;
}

export const GENERIC_FLAWS: readonly GenericFlaw[] = [
	{ id: 'filler', apply: (text) => `Um, ${text}` },
	{ id: 'chatter', apply: (text) => `${text} Hope this helps.` },
	{ id: 'stutter', apply: stutter },
	{ id: 'cut', apply: cut },
];

/** One word stands twice. */
function stutter(text: string, rng: Rng): string {
	const words = text.split(' ');
	const i = rng.int(words.length);
	return [...words.slice(0, i + 1), ...words.slice(i)].join(' ');
}

/** The last third of the words is missing, at least one, and with it the end; of a single word, its second half. */
function cut(text: string): string {
	const words = text.split(' ');
	if (words.length === 1) return text.slice(0, Math.ceil(text.length / 2) - 1);
	return words.slice(0, Math.min(words.length - 1, Math.ceil((words.length * 2) / 3))).join(' ');
}

/** A generic flaw at random. */
export function withGenericFlaw(text: string, rng: Rng): string {
	return at(GENERIC_FLAWS, rng.int(GENERIC_FLAWS.length)).apply(text, rng);
}
