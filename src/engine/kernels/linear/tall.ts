/**
 * Results with few columns, as on LoRA's short side: tiles of 4 rows, in two forms.
 *
 * With lanes (SwiftShader) a thread sums along all of k; four neighbours are one below the other and share b.
 * On a GPU that would leave most of the device idle. There, the threads of a workgroup split k into slices
 * and add their sums at the end: one tile per workgroup, neighbouring threads on neighbouring quads of k.
 */
import type { Grid } from '../../gpu/record.ts';
import { slicesMain, slicesMemory, sumOverSlices, type Slices } from '../../gpu/slices.ts';
import { LANE } from '../../gpu/wgsl.ts';
import { tileEnd, tileStart, tileValues, type Tile } from './tile.ts';

const WORKGROUP = 32;
const SLICES: Slices = { slices: 128, across: 1 };

export function tallTile(quads: number, lanes: boolean): Tile {
	const tile = { rows: 4, quads };
	return lanes ? { ...tile, shared: 'columns' } : { ...tile, shared: null, slices: SLICES.slices };
}

/** Workgroups for a result of rows × columns quads. */
export function planTall(rows: number, quads: number, tile: Tile): Grid {
	const below = tile.slices === undefined ? WORKGROUP : SLICES.across;
	return [Math.ceil(rows / tile.rows / below), Math.ceil(quads / tile.quads)];
}

/** The parts of one program, as WGSL. */
export interface TallSum {
	/** Adds to the tile at row m0 and column quad n0. */
	readonly sum: string;
	/** Column quads of the result, WGSL of a u32. */
	readonly columns: string;
	readonly store: (row: string, column: string, value: string) => string;
	/** See tileEnd(). */
	readonly ordered?: boolean;
}

export function tallMain(tile: Tile, { sum, columns, store, ordered = false }: TallSum): string {
	const end = tileEnd(tile, columns, store, ordered);
	if (tile.slices === undefined) {
		return /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u${LANE}) {
	let n0 = id.y * ${tile.quads}u;
	let m0 = id.x * ${tile.rows}u;
	${tileStart(tile)}
	${sum}
	${end}
}`;
	}
	const values = tileValues(tile);
	return /* wgsl */ `
${slicesMemory(SLICES, values.length)}
${slicesMain(SLICES)}
	let n0 = group.y * ${tile.quads}u;
	let m0 = (group.x * ${SLICES.across}u + place) * ${tile.rows}u;
	${tileStart(tile)}
	${sum}
	${sumOverSlices(SLICES, values)}
	if (slice == 0u) {
		${end}
	}
}`;
}
