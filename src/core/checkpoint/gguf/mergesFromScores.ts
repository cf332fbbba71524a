/** Merges of a SentencePiece BPE model, which stores a score for each token instead of a list of merges. */

interface Merge {
	left: string;
	right: string;
	score: number;
	leftLength: number;
	rightLength: number;
}

/** Longest token of SentencePiece, in characters; bounds the splits of a token. */
const LONGEST = 256;

/**
 * Every split of a token into two tokens is a merge; merges of higher scores come first, as in transformers
 * (`generate_merges` of convert_slow_tokenizer.py).
 *
 * @param ids   ids by token, in the order of the vocabulary
 * @param score of a token by its id; null for tokens that merging must not form
 * @returns texts of the form `left right`
 */
export function mergesFromScores(
	ids: ReadonlyMap<string, number>,
	score: (id: number) => number | null,
): string[] {
	const merges: Merge[] = [];
	for (const [token, id] of ids) {
		const own = score(id);
		if (own !== null) merges.push(...splitsOf(token, own, ids));
	}
	merges.sort((a, b) => b.score - a.score || b.leftLength - a.leftLength || b.rightLength - a.rightLength);
	return merges.map(({ left, right }) => `${left} ${right}`);
}

/** Splits of one token, in the order of the ids of their parts. */
function splitsOf(token: string, score: number, ids: ReadonlyMap<string, number>): Merge[] {
	const characters = Array.from(token);
	if (characters.length > LONGEST) return [];
	const found: Merge[] = [];
	for (let length = 1; length < characters.length; length++) {
		const left = characters.slice(0, length).join('');
		const right = token.slice(left.length);
		if (!ids.has(left) || !ids.has(right)) continue;
		found.push({ left, right, score, leftLength: length, rightLength: characters.length - length });
	}
	const order = (part: string): number => ids.get(part) ?? 0;
	return found.sort((a, b) => order(a.left) - order(b.left) || order(a.right) - order(b.right));
}
