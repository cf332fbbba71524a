/** Names of runs as people type them, and as files carry them. */

/** Characters of a name; longer names do not fit a row of the shelf or a file name. */
const LONGEST = 100;

/** Control characters and those that change the direction of the text after them. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/gu;

/** A name in one line without invisible control; empty if nothing else is in it. */
export function cleanRunName(name: string): string {
	const line = name.replace(/\s+/gu, ' ').replace(UNPRINTABLE, '').trim();
	return Array.from(line).slice(0, LONGEST).join('').trim();
}
