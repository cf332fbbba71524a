/**
 * Forward programs of the linear layer.
 *
 * `linear`: a tile of 16 rows × 8 columns a thread, form NT; with LoRA the tile first takes the short product xa·Bᵀ. Grid: x over
 * column tiles, y over row tiles. Traffic a tile: (16 + 8)·K floats read, 128 written.
 * `loraDown`: xa = s·x·Aᵀ, a few columns only, so tiles of 4 rows.
 */
import type { Tensor1D, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core';
import { axis } from '../../op.ts';
import { recorder, type Grid } from '../../record.ts';
import type { Weight } from '../../weight.ts';
import { LANE, memoized, program, type Binding, type Program } from '../../wgsl.ts';
import { loraWidth, placedBlocks, type LoraSlot, type PlacedBlock } from './lora.ts';
import { tileEnd, tileNT, tileStart, type Tile } from './tile.ts';

export const TILE: Tile = { rows: 16, quads: 2 };
const DOWN_TILE: Tile = { rows: 4, quads: 2 };
/** Four threads side by side share reads on SwiftShader; a GPU wants a workgroup of at least its own width. */
function workgroup(lanes: boolean): readonly [number, number] {
	return lanes ? [4, 4] : [8, 8];
}
const TALL_WORKGROUP = 32;

/** Workgroups for a result of rows × columns quads. */
export function planTiles(rows: number, quads: number, tile: Tile, lanes: boolean): Grid {
	const [x, y] = workgroup(lanes);
	return [Math.ceil(quads / tile.quads / x), Math.ceil(rows / tile.rows / y)];
}

/** The same for {@link tallMain}. */
export function planTall(rows: number, quads: number, tile: Tile): Grid {
	return [Math.ceil(rows / tile.rows / TALL_WORKGROUP), Math.ceil(quads / tile.quads)];
}

/**
 * `fn main` with n0 (first column quad) and m0 (first row) of the thread's tile; neighbouring threads lie side by side and share a.
 *
 * Four threads share their rows, so that none of the four returns alone; columns past the end are guarded at the store.
 */
export function tileMain(tile: Tile, lanes: boolean, body: string): string {
	return /* wgsl */ `
@compute @workgroup_size(${workgroup(lanes).join(', ')})
fn main(@builtin(global_invocation_id) id : vec3u${lanes ? LANE : ''}) {
	let n0 = id.x * ${tile.quads}u;
	let m0 = id.y * ${tile.rows}u;
	if (m0 >= u.rows) { return; }
	${body}
}`;
}

/** For results of few columns: neighbouring threads lie one below the other and share b. */
export function tallMain(tile: Tile, lanes: boolean, body: string): string {
	return /* wgsl */ `
@compute @workgroup_size(${TALL_WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u${lanes ? LANE : ''}) {
	let n0 = id.y * ${tile.quads}u;
	let m0 = id.x * ${tile.rows}u;
	${body}
}`;
}

/** Blocks as a key for memoized programs, and back: `rowStart-rowEnd-aRow-bRow,…`. */
export function blocksKey(lora: LoraSlot): string {
	return placedBlocks(lora)
		.map(({ rowStart, rowEnd, aRow, bRow }) => [rowStart, rowEnd, aRow, bRow].join('-'))
		.join();
}

export function blocksOf(key: string): PlacedBlock[] {
	return key.split(',').map((text) => {
		const [rowStart = 0, rowEnd = 0, aRow = 0, bRow = 0] = text.split('-').map(Number);
		return { rowStart, rowEnd, aRow, bRow };
	});
}

/** xa·Bᵀ of the block that the tile lies in; one loop for all blocks, since its text is long. */
function loraPart(key: string, rank: number, tile: Tile): string {
	const blocks = blocksOf(key);
	const R4 = (blocks.length * rank) / 4;
	const r4 = rank / 4;
	const inside = ({ rowStart, rowEnd, aRow, bRow }: PlacedBlock): string => /* wgsl */ `
	if (n0 >= ${rowStart / 4}u && n0 < ${rowEnd / 4}u) {
		xaAt += ${aRow / 4}u;
		bAt += (4u * n0 + ${bRow}u - ${rowStart}u) * ${r4}u;
		depth = ${r4}u;
	}`;
	return /* wgsl */ `
	var xaAt = m0 * ${R4}u;
	var bAt = u.bOffset;
	var depth = 0u;
	${blocks.map(inside).join('')}
	${tileNT(tile, { name: 'xa', base: 'xaAt', stride: R4 }, { name: 'params', base: 'bAt', stride: r4 }, 'depth')}`;
}

/**
 * A tile must lie in one block: narrower where a block does not start and end at multiples of 8. Few rows (generation) take a
 * lower tile, so that one row does not cost as much as sixteen.
 */
function forwardTile(blocks: string, lowRows: number): Tile {
	const aligned = blocks === '' || blocksOf(blocks).every((b) => b.rowStart % 8 === 0 && b.rowEnd % 8 === 0);
	return { rows: lowRows, quads: aligned ? TILE.quads : 1 };
}

/** Rows of a tile for T rows: 1, 4 or 16. */
export function tileRows(T: number): number {
	if (T === 1) return 1;
	return T <= 4 ? 4 : TILE.rows;
}

interface ForwardShape {
	K: number;
	N: number;
	bias: boolean;
	residual: boolean;
	/** Empty without LoRA. */
	blocks: string;
	rank: number;
	lanes: boolean;
	tileRows: number;
}

function buildForward({ K, N, bias, residual, blocks, rank, lanes, tileRows }: ForwardShape): Program {
	const tile = forwardTile(blocks, tileRows);
	const optional: Binding[] = [];
	if (bias) optional.push(['bias', 'read', 'vec4f']);
	if (residual) optional.push(['residual', 'read', 'vec4f']);
	if (blocks !== '') optional.push(['xa', 'read', 'vec4f'], ['params', 'read', 'vec4f']);
	const extra = (i: number, j: number): string =>
		(bias ? ` + bias[n0 + ${j}u]` : '') +
		(residual ? ` + residual[(m0 + ${i}u) * ${N / 4}u + n0 + ${j}u]` : '');
	return program(`linear ${N}x${K}`, {
		lanes,
		bindings: [
			['x', 'read', lanes ? 'f32' : 'vec4f'],
			['w', 'read', 'vec4f'],
			...optional,
			['y', 'write', 'vec4f'],
		],
		uniforms: [
			['rows', 'u32'],
			['bOffset', 'u32'],
		],
		body: tileMain(
			tile,
			lanes,
			/* wgsl */ `
	let xAt = m0 * ${K / 4}u;
	let wAt = 4u * n0 * ${K / 4}u;
	${tileStart(tile)}
	${blocks === '' ? '' : loraPart(blocks, rank, tile)}
	${tileNT(tile, { name: 'x', base: 'xAt', stride: K / 4, lanes }, { name: 'w', base: 'wAt', stride: K / 4 }, K / 4)}
	${tileEnd(tile, N / 4, (i, j, value) => `y[(m0 + ${i}u) * ${N / 4}u + n0 + ${j}u] = ${value}${extra(i, j)};`)}`,
		),
	});
}

/** The shape as a key: see {@link memoized}. */
const forwardProgram = memoized((key: string) => buildForward(JSON.parse(key) as ForwardShape));

const downProgram = memoized((K: number, R: number, lanes: boolean) =>
	program(`loraDown ${R}x${K}`, {
		lanes,
		bindings: [
			['x', 'read', 'vec4f'],
			['params', 'read', lanes ? 'f32' : 'vec4f'],
			['xa', 'write', 'vec4f'],
		],
		uniforms: [
			['rows', 'u32'],
			['aOffset', 'u32'],
			['scaling', 'f32'],
		],
		body: tallMain(
			DOWN_TILE,
			lanes,
			/* wgsl */ `
	let xAt = m0 * ${K / 4}u;
	let aAt = u.aOffset + 4u * n0 * ${K / 4}u;
	${tileStart(DOWN_TILE)}
	${tileNT(DOWN_TILE, { name: 'x', base: 'xAt', stride: K / 4 }, { name: 'params', base: 'aAt', stride: K / 4, lanes }, K / 4)}
	${tileEnd(DOWN_TILE, R / 4, (i, j, value) => `xa[(m0 + ${i}u) * ${R / 4}u + n0 + ${j}u] = u.scaling * ${value};`)}`,
		),
	}),
);

/** @returns y, and xa where there is LoRA */
export function recordLinear(
	x: Tensor2D,
	weight: Weight,
	options: { bias: Tensor1D | undefined; residual: Tensor2D | undefined; lora: LoraSlot | null },
): TensorInfo[] {
	const gpu = recorder();
	const { bias, residual, lora } = options;
	const T = axis(x, 0);
	const [N, K] = weight.data.shape;
	const y = gpu.allocate([T, N]);
	const shape: ForwardShape = {
		K,
		N,
		bias: bias !== undefined,
		residual: residual !== undefined,
		blocks: lora === null ? '' : blocksKey(lora),
		rank: lora?.rank ?? 0,
		lanes: gpu.lanes4,
		tileRows: tileRows(T),
	};
	const main = forwardProgram(JSON.stringify(shape));
	const inputs: TensorInfo[] = [x, weight.data];
	if (bias !== undefined) inputs.push(bias);
	if (residual !== undefined) inputs.push(residual);
	const xa = lora === null ? null : recordDown(x, lora);
	if (lora !== null && xa !== null) inputs.push(xa, lora.params);
	gpu.record(
		main,
		[...inputs, y],
		[T, (lora?.bOffset ?? 0) / 4],
		planTiles(T, N / 4, forwardTile(shape.blocks, shape.tileRows), gpu.lanes4),
	);
	return xa === null ? [y] : [y, xa];
}

function recordDown(x: Tensor2D, lora: LoraSlot): TensorInfo {
	const gpu = recorder();
	const [T, K] = x.shape;
	const R = loraWidth(lora);
	const xa = gpu.allocate([T, R]);
	gpu.record(
		downProgram(K, R, gpu.lanes4),
		[x, lora.params, xa],
		[T, lora.aOffset / 4, lora.scaling],
		planTall(T, R / 4, DOWN_TILE),
	);
	return xa;
}
