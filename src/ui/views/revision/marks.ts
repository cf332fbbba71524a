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
	for (const found of reasoning.matchAll(QUOTED)) {
		const piece = changeNamedBy(found[0], pieces);
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

function changeNamedBy(quote: string, pieces: readonly DiffPiece[]): number | null {
	const named = new Set(words(quote));
	for (const kind of ['added', 'removed'] as const) {
		const index = pieces.findIndex(
			(piece) => piece.kind === kind && words(piece.text).some((word) => named.has(word)),
		);
		if (index >= 0) return index;
	}
	return null;
}
