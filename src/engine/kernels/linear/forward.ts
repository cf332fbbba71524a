/**
 * Forward programs of the linear layer.
 *
 * `linear`: a tile of 16 rows × 8 columns a thread, form NT; with LoRA the tile first takes the short product xa·Bᵀ. Grid: x over
 * column tiles, y over row tiles. Traffic a tile: (16 + 8)·K floats read, 128 written.
 * `loraDown`: xa = s·x·Aᵀ, a few columns only, so tiles of 4 rows. Shapes are uniforms: all projections share a program.
 */
import type { Tensor1D, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core';
import { axis } from '../../op.ts';
import { recorder, type Grid } from '../../record.ts';
import type { Weight } from '../../weight.ts';
import { LANE, memoized, program, type Binding, type Program } from '../../wgsl.ts';
import { blocksAligned, inBlock, LORA_UNIFORMS, loraValues } from './blocks.ts';
import { loraWidth, type LoraSlot } from './lora.ts';
import { recordSharedLinear } from './shared.ts';
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

/**
 * A tile must lie in one block: narrower where a block does not start and end at multiples of 8. Few rows (generation) take a
 * lower tile, so that one row does not cost as much as sixteen.
 */
function forwardTile(T: number, lora: LoraSlot | null): Tile {
	const rows = T === 1 ? 1 : T <= 4 ? 4 : TILE.rows;
	return { rows, quads: lora === null || blocksAligned(lora, 8) ? TILE.quads : 1 };
}

/** xa·Bᵀ of the block that the tile lies in; one loop for all blocks, since its text is long. */
function loraPart(tile: Tile): string {
	const inside = (i: number): string =>
		`xaAt += u.a${i}; bAt += (4u * (n0 - u.start${i}) + u.b${i}) * u.rankQuads; depth = u.rankQuads;`;
	return /* wgsl */ `
	var xaAt = m0 * u.xaQuads;
	var bAt = u.bOffset;
	var depth = 0u;
	${inBlock((i) => `n0 >= u.start${i} && n0 < u.end${i}`, inside)}
	${tileNT(tile, { name: 'xa', base: 'xaAt', stride: 'u.xaQuads' }, { name: 'params', base: 'bAt', stride: 'u.rankQuads' }, 'depth')}`;
}

const forwardProgram = memoized(
	(rows: number, quads: number, bias: boolean, residual: boolean, lora: boolean, lanes: boolean): Program => {
		const tile: Tile = { rows, quads };
		const optional: Binding[] = [];
		if (bias) optional.push(['bias', 'read', 'vec4f']);
		if (residual) optional.push(['residual', 'read', 'vec4f']);
		if (lora) optional.push(['xa', 'read', 'vec4f'], ['params', 'read', 'vec4f']);
		const store = (i: number, j: number, value: string): string => {
			const to = `(m0 + ${i}u) * u.n + n0 + ${j}u`;
			const added = (bias ? ` + bias[n0 + ${j}u]` : '') + (residual ? ` + residual[${to}]` : '');
			return `y[${to}] = ${value}${added};`;
		};
		return program('linear', {
			lanes,
			bindings: [
				['x', 'read', lanes ? 'f32' : 'vec4f'],
				['w', 'read', 'vec4f'],
				...optional,
				['y', 'write', 'vec4f'],
			],
			uniforms: [['rows', 'u32'], ['k', 'u32'], ['n', 'u32'], ...(lora ? LORA_UNIFORMS : [])],
			body: tileMain(
				tile,
				lanes,
				/* wgsl */ `
	${tileStart(tile)}
	${lora ? loraPart(tile) : ''}
	${tileNT(
		tile,
		{ name: 'x', base: 'm0 * u.k', stride: 'u.k', lanes },
		{ name: 'w', base: '4u * n0 * u.k', stride: 'u.k' },
		'u.k',
	)}
	${tileEnd(tile, 'u.n', store)}`,
			),
		});
	},
);

const downProgram = memoized((lanes: boolean) =>
	program('loraDown', {
		lanes,
		bindings: [
			['x', 'read', 'vec4f'],
			['params', 'read', lanes ? 'f32' : 'vec4f'],
			['xa', 'write', 'vec4f'],
		],
		uniforms: [
			['rows', 'u32'],
			['k', 'u32'],
			['xaQuads', 'u32'],
			['aOffset', 'u32'],
			['scaling', 'f32'],
		],
		body: tallMain(
			DOWN_TILE,
			lanes,
			/* wgsl */ `
	${tileStart(DOWN_TILE)}
	${tileNT(
		DOWN_TILE,
		{ name: 'x', base: 'm0 * u.k', stride: 'u.k' },
		{ name: 'params', base: 'u.aOffset + 4u * n0 * u.k', stride: 'u.k', lanes },
		'u.k',
	)}
	${tileEnd(DOWN_TILE, 'u.xaQuads', (i, j, value) => `xa[(m0 + ${i}u) * u.xaQuads + n0 + ${j}u] = u.scaling * ${value};`)}`,
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
	const xa = lora === null ? null : recordDown(x, lora);
	const edge = gpu.variants.edgeOf('linear', T, N, K);
	if (edge !== null) {
		recordSharedLinear(edge, { x, y, xa }, weight, options);
		return xa === null ? [y] : [y, xa];
	}
	const inputs: TensorInfo[] = [x, weight.data];
	if (bias !== undefined) inputs.push(bias);
	if (residual !== undefined) inputs.push(residual);
	if (lora !== null && xa !== null) inputs.push(xa, lora.params);
	const tile = forwardTile(T, lora);
	gpu.record(
		forwardProgram(
			tile.rows,
			tile.quads,
			bias !== undefined,
			residual !== undefined,
			lora !== null,
			gpu.lanes4,
		),
		[...inputs, y],
		[T, K / 4, N / 4, ...(lora === null ? [] : loraValues(lora))],
		planTiles(T, N / 4, tile, gpu.lanes4),
	);
	return xa === null ? [y] : [y, xa];
}

function recordDown(x: Tensor2D, lora: LoraSlot): TensorInfo {
	const gpu = recorder();
	const [T, K] = x.shape;
	const R = loraWidth(lora);
	const xa = gpu.allocate([T, R]);
	gpu.record(
		downProgram(gpu.lanes4),
		[x, lora.params, xa],
		[T, K / 4, R / 4, lora.aOffset / 4, lora.scaling],
		planTall(T, R / 4, DOWN_TILE),
	);
	return xa;
}
