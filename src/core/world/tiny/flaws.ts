/**
 * Flaws that an answer of any family can have: a filler in front, chatter behind, a repeated word, a missing
 * end. Three quarters of the flawed answers have their family's own flaw instead, which is in the family's
 * file.
 */
import { at } from '../../math/at.ts';
import type { Rng } from '../../math/rng.ts';

export interface GenericFlaw {
	id: string;
	/** Returns the text with the flaw; any text with at least one word changes. */
	apply(text: string, rng: Rng): string;
}

function flawsWith(filler: string, chatter: string): readonly GenericFlaw[] {
	return [
		{ id: 'filler', apply: (text) => `${filler} ${text}` },
		{ id: 'chatter', apply: (text) => `${text} ${chatter}` },
		{ id: 'stutter', apply: stutter },
		{ id: 'cut', apply: cut },
	];
}

export const GENERIC_FLAWS = flawsWith('Um,', 'Hope this helps.');
/** The same flaws in words that the embedded model does not use. */
export const OTHER_FLAWS = flawsWith('Well,', 'I hope that is right.');

/** Repeats one word. */
function stutter(text: string, rng: Rng): string {
	const words = text.split(' ');
	const i = rng.int(words.length);
	return [...words.slice(0, i + 1), ...words.slice(i)].join(' ');
}

/** Drops the last third of the words, at least one; of a single word, drops the second half. */
function cut(text: string): string {
	const words = text.split(' ');
	if (words.length === 1) return text.slice(0, Math.ceil(text.length / 2) - 1);
	return words.slice(0, Math.min(words.length - 1, Math.ceil((words.length * 2) / 3))).join(' ');
}

/** Applies a random generic flaw. */
export function withGenericFlaw(text: string, rng: Rng, flaws = GENERIC_FLAWS): string {
	return at(flaws, rng.int(flaws.length)).apply(text, rng);
}
