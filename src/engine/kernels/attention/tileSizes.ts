/** Sizes of attention's tiles (tiles.ts), and the choice of a size that fits the device. */

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
	/**
	 * Doubles the threads and halves the pairs of each. If a pair has one dot product, more threads hide more
	 * of the latency.
	 */
	wide?: boolean;
}

/** Limits of a workgroup on a device. */
export interface WorkgroupLimits {
	/** Workgroup memory. */
	bytes: number;
	threads: number;
}

/**
 * Bytes of workgroup memory for two own tiles and, per group, two tiles and two lists of weights; no program
 * has more.
 */
function bytesOf(D: number, E: Edge, groups: number): number {
	const tile = 16 * E * (D + 1);
	return 2 * tile + groups * (2 * tile + 2 * 4 * E * E);
}

/** The largest tile that fits; null if the heads are too wide for this device. */
export function edgeFor(D: number, limits: WorkgroupLimits): Edge | null {
	return EDGES.find((E) => D <= threadsOf({ D, E }) && groupsFor(D, E, limits) > 0) ?? null;
}

/** More groups gain nothing: docs/kernels.md. */
const MOST_GROUPS = 3;

/** The largest number of groups that fits; 0 if none fits. */
export function groupsFor(D: number, E: Edge, { bytes, threads }: WorkgroupLimits): number {
	const fits = (groups: number): boolean =>
		groups * threadsOf({ D, E }) <= threads && bytesOf(D, E, groups) <= bytes;
	let groups = 0;
	while (groups < MOST_GROUPS && fits(groups + 1)) groups++;
	return groups;
}

/** Properties that determine how the threads of a group share a tile. */
type Tile = Pick<TileSizes, 'D' | 'E' | 'wide'>;

/** Threads of a group; large heads have enough channels for more. */
export const threadsOf = ({ D, E, wide = false }: Tile): number => (E === 16 && (wide || D > 16) ? 128 : 64);

/** Quads of a tile. */
export const tileQuads = ({ D, E }: Tile): number => E * (D + 1);

/** In the channels phase: own rows that the threads process at once, and own rows per thread in total. */
export function holders(tile: Tile): { across: number; each: number } {
	const across = Math.min(tile.E, Math.floor(threadsOf(tile) / tile.D));
	return { across, each: Math.ceil(tile.E / across) };
}

/**
 * In the pairs phase: own rows per thread, rows of the tile paired with each of them, threads that share its
 * own rows.
 */
export function pairing(tile: Tile): { own: number; others: number; beside: number } {
	const { E } = tile;
	const threads = threadsOf(tile);
	const own = E * E < 4 * threads ? 1 : 2;
	const beside = (threads * own) / E;
	return { own, others: Math.max(1, E / beside), beside };
}
