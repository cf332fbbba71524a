/**
 * How far a revision is from its original: "minimal" is measured, not believed. Lengths and distances are in characters as
 * people count them on the page (Unicode code points), never UTF-16 units.
 */
import { diffWordsWithSpace } from 'diff';
import { at } from '../math/at.ts';
import type { ContrastMeasures, DiffPiece } from './revision.ts';

/** Words with their inner marks, numbers, and every other sign by itself. Case counts: a capital is a change. */
const TOKEN = /\p{L}[\p{L}\p{M}\p{N}'’-]*|\p{N}+|[^\s\p{L}\p{N}]/gu;

function tokensOf(text: string): Set<string> {
	return new Set(text.match(TOKEN));
}

/** Distinct tokens in common over all distinct tokens, in [0, 1]; 1 where neither text has any. */
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

/** Fewest insertions, deletions and replacements that turn `a` into `b`. O(n·m) time, O(m) memory. */
function editDistance(a: readonly string[], b: readonly string[]): number {
	let row = Uint32Array.from({ length: b.length + 1 }, (_, j) => j);
	for (const [i, left] of a.entries()) {
		const next = new Uint32Array(b.length + 1);
		next[0] = i + 1;
		for (let j = 0; j < b.length; j++) {
			const replaced = at(row, j) + (left === b[j] ? 0 : 1);
			next[j + 1] = Math.min(replaced, at(row, j + 1) + 1, at(next, j) + 1);
		}
		row = next;
	}
	return at(row, b.length);
}

/** Levenshtein distance of two texts in characters; what they share at both ends is not compared. */
export function levenshtein(a: string, b: string): number {
	let left = Array.from(a);
	let right = Array.from(b);
	const start = commonStart(left, right);
	left = left.slice(start).reverse();
	right = right.slice(start).reverse();
	const end = commonStart(left, right);
	return editDistance(left.slice(end), right.slice(end));
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

/** Word diff: the pieces that are the same or removed spell the original, the same or added spell the revision. */
export function diffWords(original: string, revised: string): DiffPiece[] {
	return diffWordsWithSpace(original, revised).map(({ value, added, removed }) => ({
		kind: added ? 'added' : removed ? 'removed' : 'same',
		text: value,
	}));
}
