/** Ties the teacher's reasoning to the edit: a quoted passage that names an addition or a removal gets the number of that change. */
import type { DiffPiece } from '#core/revision/revision.ts';

export interface ReasoningPart {
	text: string;
	/** Number of the change that this passage mentions; null for other text. */
	mark: number | null;
}

export interface MarkedDiff {
	reasoning: readonly ReasoningPart[];
	/** Number by index of the piece. Changes that the reasoning does not mention have none. */
	marks: ReadonlyMap<number, number>;
}

/** Quotations in straight or curly quotes, up to 120 characters. */
const QUOTED = /(?:“[^”]{1,120}”|"[^"]{1,120}"|‘[^’]{1,120}’)/g;

const words = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** A quotation mentions a change if they share a word; additions are searched first, and the nearest unmarked one is used. */
export function markReasoning(reasoning: string, pieces: readonly DiffPiece[]): MarkedDiff {
	const marks = new Map<number, number>();
	const parts: ReasoningPart[] = [];
	let end = 0;
	const kinds = [placesOf(pieces, 'added'), placesOf(pieces, 'removed')];
	for (const found of reasoning.matchAll(QUOTED)) {
		const piece = changeNamedBy(found[0], kinds);
		if (piece === null) continue;
		const known = marks.get(piece);
		// A change is numbered only at its first mention.
		if (known !== undefined) continue;
		const mark = marks.size + 1;
		marks.set(piece, mark);
		if (found.index > end) parts.push({ text: reasoning.slice(end, found.index), mark: null });
		parts.push({ text: found[0], mark });
		end = found.index + found[0].length;
	}
	if (end < reasoning.length) parts.push({ text: reasoning.slice(end), mark: null });
	return { reasoning: parts, marks };
}

type Places = ReadonlyMap<string, number>;

/** Index of the first piece of a kind that has each word, so that every quotation is looked up once. */
function placesOf(pieces: readonly DiffPiece[], kind: DiffPiece['kind']): Places {
	const places = new Map<string, number>();
	for (const [i, piece] of pieces.entries()) {
		if (piece.kind !== kind) continue;
		for (const word of words(piece.text)) if (!places.has(word)) places.set(word, i);
	}
	return places;
}

/** The first addition that shares a word with the quotation, or the first such removal; null if there is none. */
function changeNamedBy(quote: string, kinds: readonly Places[]): number | null {
	for (const places of kinds) {
		const found = words(quote).flatMap((word) => places.get(word) ?? []);
		if (found.length > 0) return Math.min(...found);
	}
	return null;
}
