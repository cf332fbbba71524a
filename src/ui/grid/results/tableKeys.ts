/** Moves with the arrow keys among the entries of a table. */

const MOVES: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
	ArrowLeft: [0, -1],
	ArrowRight: [0, 1],
	ArrowUp: [-1, 0],
	ArrowDown: [1, 0],
	Home: [0, -Infinity],
	End: [0, Infinity],
};

/**
 * @param from "2:1": row and column
 * @returns the entry that the key leads to; null if the key is no move
 */
export function neighbour(
	key: string,
	from: string,
	{ rows, columns }: { rows: number; columns: number },
): string | null {
	const move = Object.hasOwn(MOVES, key) ? MOVES[key] : undefined;
	if (move === undefined) return null;
	const [row = 0, column = 0] = from.split(':').map(Number);
	const within = (value: number, count: number): number => Math.max(0, Math.min(count - 1, value));
	return `${within(row + move[0], rows)}:${within(column + move[1], columns)}`;
}
