/** Names of runs and of sets of pairs, as people type them and as files carry them. */

/** Characters of a name; longer names do not fit a row of the shelf or a file name. */
const LONGEST = 100;

/** Control characters and those that change the direction of the text after them. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/gu;

/** A name in one line without invisible control; empty if nothing else is in it. */
export function cleanName(name: string): string {
	const line = name.replace(/\s+/gu, ' ').replace(UNPRINTABLE, '').trim();
	return Array.from(line).slice(0, LONGEST).join('').trim();
}

/** "Sunday", "Sunday 2": the name itself, or with a number after it if it is in use. */
export function freeName(name: string, inUse: ReadonlySet<string>): string {
	let free = name;
	for (let n = 2; inUse.has(free); n++) free = `${name} ${n}`;
	return free;
}
