/** Sizes of attention's tiles (tiles.ts) and what of them fits a device. */

/** Rows of a tile. */
export type Edge = 4 | 8 | 16;
const EDGES: readonly Edge[] = [16, 8, 4];

/** Sizes in quads, known when the text is built. */
export interface TileSizes {
	/** D / 4 */
	D: number;
	H: number;
	kvHeads: number;
	/** Width of a row of qkv. */
	W: number;
	E: Edge;
	/** Groups of threads that share the own rows. */
	groups: number;
	/** Twice the threads, for half the pairs each: of one dot product a pair, more of them hide more of the waiting. */
	wide?: boolean;
}

/** What a device gives a workgroup. */
export interface WorkgroupLimits {
	/** Of workgroup memory. */
	bytes: number;
	threads: number;
}

/** Bytes of workgroup memory for two own tiles, and for each group two tiles and two lists of weights: no program has more. */
function bytesOf(D: number, E: Edge, groups: number): number {
	const tile = 16 * E * (D + 1);
	return 2 * tile + groups * (2 * tile + 2 * 4 * E * E);
}

/** The largest tile that fits; null for heads that are too wide for this device. */
export function edgeFor(D: number, limits: WorkgroupLimits): Edge | null {
	return EDGES.find((E) => D <= threadsOf({ D, E }) && groupsFor(D, E, limits) > 0) ?? null;
}

/** More gain nothing: docs/kernels.md. */
const MOST_GROUPS = 3;

/** As many groups as fit; 0 where not one does. */
export function groupsFor(D: number, E: Edge, { bytes, threads }: WorkgroupLimits): number {
	const fits = (groups: number): boolean =>
		groups * threadsOf({ D, E }) <= threads && bytesOf(D, E, groups) <= bytes;
	let groups = 0;
	while (groups < MOST_GROUPS && fits(groups + 1)) groups++;
	return groups;
}

/** What a group's threads are shared out by. */
type Tile = Pick<TileSizes, 'D' | 'E' | 'wide'>;

/** Of a group: large heads have channels for more. */
export const threadsOf = ({ D, E, wide = false }: Tile): number => (E === 16 && (wide || D > 16) ? 128 : 64);

/** Quads of a tile. */
export const tileQuads = ({ D, E }: Tile): number => E * (D + 1);

/** Own rows that threads take at once in the phase of channels, and how many a thread takes in all. */
export function holders(tile: Tile): { across: number; each: number } {
	const across = Math.min(tile.E, Math.floor(threadsOf(tile) / tile.D));
	return { across, each: Math.ceil(tile.E / across) };
}

/** In the phase of pairs: own rows of a thread, rows of the tile that it takes with each of them, threads that share its own rows. */
export function pairing(tile: Tile): { own: number; others: number; beside: number } {
	const { E } = tile;
	const threads = threadsOf(tile);
	const own = E * E < 4 * threads ? 1 : 2;
	const beside = (threads * own) / E;
	return { own, others: Math.max(1, E / beside), beside };
}
