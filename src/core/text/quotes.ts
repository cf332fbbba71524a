/** Finds quotes of private texts in other texts, in time proportional to both. */

/** A quote of this many characters is found wherever it begins and ends. */
export const QUOTE = 24;

/** Base of the rolling hash, and its power that belongs to the character that leaves the window. */
const BASE = 0x01000193;
const LEAVING = Array.from({ length: QUOTE }).reduce<number>((power) => Math.imul(power, BASE), 1);
/** Hashes are looked up in a table of bits first, because nearly every window of a corpus is in no other text. */
const TABLE_BITS = 22;

/**
 * The windows of QUOTE characters that `texts` and the corpus have in common.
 *
 * @param texts  few and short texts
 * @param corpus may be large; it is read once
 */
export function commonWindows(texts: readonly string[], corpus: readonly string[]): ReadonlySet<string> {
	const windows = new Set<string>();
	const table = new Uint8Array(2 ** TABLE_BITS);
	for (const text of texts)
		eachWindow(text, (start, slot) => {
			windows.add(text.slice(start, start + QUOTE));
			table[slot] = 1;
		});
	const common = new Set<string>();
	if (windows.size === 0) return common;
	for (const text of corpus)
		eachWindow(text, (start, slot) => {
			if (table[slot] === 0) return;
			const window = text.slice(start, start + QUOTE);
			if (windows.has(window)) common.add(window);
		});
	return common;
}

/** Calls `visit` with the start of every window and the slot of its hash. */
function eachWindow(text: string, visit: (start: number, slot: number) => void): void {
	let hash = 0;
	for (let end = 0; end < text.length; end++) {
		hash = (Math.imul(hash, BASE) + text.charCodeAt(end)) | 0;
		if (end >= QUOTE) hash = (hash - Math.imul(LEAVING, text.charCodeAt(end - QUOTE))) | 0;
		if (end >= QUOTE - 1) visit(end - QUOTE + 1, Math.imul(hash, 0x9e3779b1) >>> (32 - TABLE_BITS));
	}
}

/** Replaces each run of common windows. */
export function withoutWindows(text: string, common: ReadonlySet<string>, by: string): string {
	if (common.size === 0) return text;
	let result = '';
	let kept = 0;
	let end = -1;
	for (let start = 0; start + QUOTE <= text.length; start++) {
		if (!common.has(text.slice(start, start + QUOTE))) continue;
		if (start > end) {
			result += text.slice(kept, start) + by;
		}
		end = start + QUOTE;
		kept = end;
	}
	return result + text.slice(kept);
}
