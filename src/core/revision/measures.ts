/**
 * Measures the distance between a revision and its original, so that "minimal" is a number. Lengths and
 * distances count characters as shown on the page (Unicode code points), not UTF-16 units.
 */
import { diffWordsWithSpace } from 'diff';
import { at } from '../math/at.ts';
import type { ContrastMeasures, DiffPiece } from './revision.ts';

/** Words with their inner marks, numbers, and every other character by itself. Case matters. */
const TOKEN = /\p{L}[\p{L}\p{M}\p{N}'’-]*|\p{N}+|[^\s\p{L}\p{N}]/gu;

function tokensOf(text: string): Set<string> {
	return new Set(text.match(TOKEN));
}

/** Shared distinct tokens over all distinct tokens, in [0, 1]; 1 if neither text has a token. */
export function tokenJaccard(a: string, b: string): number {
	const left = tokensOf(a);
	const right = tokensOf(b);
	const common = [...left].filter((token) => right.has(token)).length;
	const all = left.size + right.size - common;
	return all === 0 ? 1 : common / all;
}

function commonStart(a: readonly string[], b: readonly string[]): number {
	const limit = Math.min(a.length, b.length);
	let i = 0;
	while (i < limit && a[i] === b[i]) i++;
	return i;
}

/** Bits per machine word in the bit-parallel distance. */
const WORD = 32;

/** Positions of each character in `pattern`, as bits. */
function placesOf(pattern: readonly string[], words: number): Map<string, Int32Array> {
	const places = new Map<string, Int32Array>();
	for (const [i, character] of pattern.entries()) {
		const bits = places.get(character) ?? new Int32Array(words);
		bits[i >>> 5] = at(bits, i >>> 5) | (1 << (i & 31));
		places.set(character, bits);
	}
	return places;
}

/**
 * One column of the distance table as differences between neighbours: a bit is set if the next cell is 1 more
 * (`up`) or 1 less (`down`).
 */
interface Column {
	up: Int32Array;
	down: Int32Array;
	/** Bit of the last cell, in the last word. */
	lastBit: number;
}

/** Advances the column by one character of the text; returns the change of its last cell. */
function advance(column: Column, places: Int32Array): number {
	const { up, down, lastBit } = column;
	// The difference that the word above passes on; the upper edge of the table passes +1.
	let carry = 1;
	for (let w = 0; w < places.length; w++) {
		const here = places[w] ?? 0;
		const plus = up[w] ?? 0;
		const minus = down[w] ?? 0;
		const equal = here | (carry < 0 ? 1 : 0);
		const horizontal = ((((equal & plus) + plus) | 0) ^ plus) | equal;
		const rises = minus | ~(horizontal | plus);
		const falls = plus & horizontal;
		const shiftedRises = (rises << 1) | (carry > 0 ? 1 : 0);
		const shiftedFalls = (falls << 1) | (carry < 0 ? 1 : 0);
		const edge = w === places.length - 1 ? lastBit : 1 << 31;
		carry = Number((rises & edge) !== 0) - Number((falls & edge) !== 0);
		up[w] = shiftedFalls | ~(here | minus | shiftedRises);
		down[w] = shiftedRises & (here | minus);
	}
	return carry;
}

/**
 * Fewest insertions, deletions and replacements that turn `pattern` into `text`, 32 cells at a time: O(n·m / 32).
 *
 * @source Myers 1999, in the block form of Hyyrö 2003, "A bit-vector algorithm for computing Levenshtein distances"
 */
function editDistance(pattern: readonly string[], text: readonly string[]): number {
	if (pattern.length === 0) return text.length;
	const words = Math.ceil(pattern.length / WORD);
	const places = placesOf(pattern, words);
	const nowhere = new Int32Array(words);
	const column: Column = {
		up: new Int32Array(words).fill(-1),
		down: new Int32Array(words),
		lastBit: 1 << ((pattern.length - 1) & 31),
	};
	return text.reduce(
		(distance, character) => distance + advance(column, places.get(character) ?? nowhere),
		pattern.length,
	);
}

/** Cells of the table up to which the distance is exact: two texts of 8,000 characters, some 20 ms. */
const MOST_CELLS = 64e6;
/** Characters of the pieces into which longer texts are cut. */
const PIECE = 1000;

/**
 * Levenshtein distance of two texts in characters. Skips the common prefix and suffix. If the rest has more than
 * {@link MOST_CELLS} cells, adds the distances of the changes in the word diff, and of pieces of long changes: an
 * upper bound, so that long texts take linear time.
 */
export function levenshtein(a: string, b: string): number {
	let left = Array.from(a);
	let right = Array.from(b);
	const start = commonStart(left, right);
	left = left.slice(start).reverse();
	right = right.slice(start).reverse();
	const end = commonStart(left, right);
	left = left.slice(end).reverse();
	right = right.slice(end).reverse();
	if (left.length * right.length <= MOST_CELLS) return editDistance(left, right);
	return boundedDistance(left.join(''), right.join(''));
}

/** Sum of the distances of all changes in the word diff. */
function boundedDistance(a: string, b: string): number {
	let distance = 0;
	let removed = '';
	let added = '';
	const addChange = (): void => {
		distance += distanceOfPieces(Array.from(removed), Array.from(added));
		removed = '';
		added = '';
	};
	for (const { kind, text } of diffWords(a, b)) {
		if (kind === 'same') addChange();
		else if (kind === 'removed') removed += text;
		else added += text;
	}
	addChange();
	return distance;
}

/** Sum of the distances of corresponding pieces of two texts. */
function distanceOfPieces(a: readonly string[], b: readonly string[]): number {
	const pieces = Math.max(1, Math.ceil(Math.max(a.length, b.length) / PIECE));
	const piece = (text: readonly string[], i: number): readonly string[] =>
		text.slice(Math.floor((i * text.length) / pieces), Math.floor(((i + 1) * text.length) / pieces));
	let distance = 0;
	for (let i = 0; i < pieces; i++) distance += editDistance(piece(a, i), piece(b, i));
	return distance;
}

export function measureContrast(original: string, revised: string): ContrastMeasures {
	const from = Array.from(original);
	const to = Array.from(revised);
	const distance = levenshtein(original, revised);
	return {
		jaccard: tokenJaccard(original, revised),
		levenshtein: distance,
		levenshteinRelative: distance / Math.max(1, from.length, to.length),
		// An empty original counts as one character, so that the ratio stays finite.
		lengthRatio: to.length / Math.max(1, from.length),
		commonPrefix: commonStart(from, to),
	};
}

/** Changed words beyond which two texts count as entirely different: a longer diff would block the page. */
const MOST_CHANGES = 400;

/**
 * Word diff: the `same` and `removed` pieces spell the original, the `same` and `added` pieces the revision.
 * With more than {@link MOST_CHANGES} changed words, each text is one piece.
 */
export function diffWords(original: string, revised: string): DiffPiece[] {
	const changes = diffWordsWithSpace(original, revised, { maxEditLength: MOST_CHANGES });
	if (changes === undefined) {
		return [
			{ kind: 'removed', text: original },
			{ kind: 'added', text: revised },
		];
	}
	return changes.map(({ value, added, removed }) => ({
		kind: added ? 'added' : removed ? 'removed' : 'same',
		text: value,
	}));
}
