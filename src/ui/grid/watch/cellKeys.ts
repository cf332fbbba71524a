/** Keys of the cells of a grid. */

export type CellAction = 'stop' | 'clone' | 'seeds' | 'open';

/** Keys with their text in the list of keys. */
export const CELL_KEYS = [
	{ cap: 'X', does: 'stop the cell', action: 'stop' },
	{ cap: 'C', does: 'clone the cell with one change', action: 'clone' },
	{ cap: '+', does: 'add seeds to the cell', action: 'seeds' },
	{ cap: 'O', does: 'open the first run of the cell', action: 'open' },
] as const satisfies readonly { cap: string; does: string; action: CellAction }[];

/** The action of a key; null if it has none. */
export function cellKey(key: string): CellAction | null {
	return CELL_KEYS.find(({ cap }) => cap === key.toUpperCase())?.action ?? null;
}

/**
 * The cell that an arrow key moves to; null if the key moves nothing.
 *
 * @param at index of the focused cell
 * @param tops pixels from the top of each cell: cells with the same top are one row
 */
export function nextCell(key: string, at: number, tops: readonly number[]): number | null {
	const columns = Math.max(1, tops.filter((top) => top === tops[0]).length);
	const last = tops.length - 1;
	const moves: Readonly<Record<string, number>> = {
		ArrowLeft: at - 1,
		ArrowRight: at + 1,
		ArrowUp: at - columns,
		ArrowDown: at + columns,
		Home: 0,
		End: last,
	};
	const to = Object.hasOwn(moves, key) ? moves[key] : undefined;
	if (to === undefined) return null;
	return to < 0 || to > last ? at : to;
}
