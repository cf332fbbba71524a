/**
 * Forward programs of the linear layer.
 *
 * `linear`: a tile of 16 rows × 8 columns per thread, form NT; with LoRA the tile first adds the short
 * product xa·Bᵀ. Grid: x over column tiles, y over row tiles. Traffic per tile: (16 + 8)·K floats read, 128
 * written.
 * `loraDown`: xa = s·x·Aᵀ, only a few columns: see tall.ts. Shapes are uniforms, so all projections share a
 * program.
 */
import type { Tensor1D, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core';
import { axis } from '../../op.ts';
import { recorder, type Grid } from '../../gpu/record.ts';
import { weightShape, weightType, type Weight } from '../../weight.ts';
import { weightQuad, type WeightType } from '../../gpu/weightReads.ts';
import { LANE, memoized, program, type Binding, type Program } from '../../gpu/wgsl.ts';
import { blocksAligned, inBlock, LORA_UNIFORMS, loraValues, NO_LORA } from './blocks.ts';
import { loraWidth, type LoraSlot } from './lora.ts';
import { recordSharedLinear } from './shared.ts';
import { planTall, tallMain, tallTile } from './tall.ts';
import { tileEnd, tileNT, tileStart, type Tile } from './tile.ts';

/**
 * Tile of wide results. With shared reads its height balances run time and compile time: per product, 24 rows
 * take a seventh fewer instructions than 16, 32 a fifth, 48 a quarter, and the compiler takes 0.3, 0.4 and
 * 0.8 s of CPU time for them.
 */
export const tileOf = (lanes: boolean): Tile =>
	lanes ? { rows: 32, quads: 2, shared: 'rows' } : { rows: 16, quads: 2, shared: null };
/**
 * On SwiftShader four threads side by side share reads; a GPU needs a workgroup of at least its subgroup
 * width.
 */
function workgroup({ shared }: Tile): readonly [number, number] {
	return shared === 'rows' ? [4, 4] : [8, 8];
}

/** Workgroups for a result of rows × columns quads. */
export function planTiles(rows: number, quads: number, tile: Tile): Grid {
	const [x, y] = workgroup(tile);
	return [Math.ceil(quads / tile.quads / x), Math.ceil(rows / tile.rows / y)];
}

/**
 * `fn main` with n0 (first column quad) and m0 (first row) of the thread's tile; neighbouring threads are
 * side by side and share a.
 *
 * Four threads share their rows, so that none of the four returns alone; the store checks for columns past
 * the end.
 */
export function tileMain(tile: Tile, body: string): string {
	return /* wgsl */ `
@compute @workgroup_size(${workgroup(tile).join(', ')})
fn main(@builtin(global_invocation_id) id : vec3u${tile.shared === null ? '' : LANE}) {
	let n0 = id.x * ${tile.quads}u;
	let m0 = id.y * ${tile.rows}u;
	if (m0 >= u.rows) { return; }
	${body}
}`;
}

/**
 * Chooses the tile. A tile must be inside one block, so it is narrower if a block does not start and end at
 * multiples of 8. Few rows (generation) use a short tile, so that one row does not cost as much as sixteen.
 */
function forwardTile(T: number, lora: LoraSlot | null, lanes: boolean): Tile {
	const most = tileOf(lanes);
	const rows = T === 1 ? 1 : T <= 4 ? 4 : most.rows;
	const quads = lora === null || blocksAligned(lora, 8) ? most.quads : 1;
	return { rows, quads, shared: rows === 1 ? null : most.shared };
}

/**
 * xa·Bᵀ of the block that contains the tile; all blocks share one loop, since its text is long.
 *
 * @param together true if tiles that are side by side and share rows are in one block
 */
function loraPart(tile: Tile, together: boolean): string {
	const inside = (i: number): string =>
		`xaAt += u.a${i}; bAt += (4u * (n0 - u.start${i}) + u.b${i}) * u.rankQuads; depth = u.rankQuads;`;
	return /* wgsl */ `
	var xaAt = m0 * u.xaQuads;
	var bAt = u.bOffset;
	var depth = 0u;
	${inBlock((i) => `n0 >= u.start${i} && n0 < u.end${i}`, inside)}
	${tileNT(tile, { name: 'xa', base: 'xaAt', stride: 'u.xaQuads', alone: !together }, { name: 'params', base: 'bAt', stride: 'u.rankQuads' }, 'depth')}`;
}

/**
 * One program with and without adapter: without one, its loop has no iterations and x is bound in the
 * adapter's place. Bias and residual have separate programs: on SwiftShader a residual behind a uniform costs
 * 4% of a step even if it is absent.
 */
const forwardProgram = memoized(
	(
		rows: number,
		quads: number,
		bias: boolean,
		residual: boolean,
		together: boolean,
		lanes: boolean,
		w: WeightType,
	): Program => {
		const tile: Tile = { rows, quads, shared: lanes ? 'rows' : null };
		const optional: Binding[] = [];
		if (bias) optional.push(['bias', 'read', 'vec4f']);
		if (residual) optional.push(['residual', 'read', 'vec4f']);
		const store = (row: string, column: string, value: string): string => {
			const to = `${row} * u.n + ${column}`;
			const added = (bias ? ` + bias[${column}]` : '') + (residual ? ` + residual[${to}]` : '');
			return `y[${to}] = ${value}${added};`;
		};
		return program('linear', {
			lanes,
			bindings: [
				['x', 'read', 'vec4f'],
				['w', 'read', w],
				...optional,
				['xa', 'read', 'vec4f'],
				['params', 'read', 'vec4f'],
				['y', 'write', 'vec4f'],
			],
			uniforms: [['rows', 'u32'], ['k', 'u32'], ['n', 'u32'], ...LORA_UNIFORMS],
			body: tileMain(
				tile,
				/* wgsl */ `
	${tileStart(tile)}
	${loraPart(tile, together)}
	${tileNT(
		tile,
		{ name: 'x', base: 'm0 * u.k', stride: 'u.k' },
		{ name: 'w', base: '4u * n0 * u.k', stride: 'u.k', quad: weightQuad('w', w) },
		'u.k',
	)}
	${tileEnd(tile, 'u.n', store)}`,
			),
		});
	},
);

const downProgram = memoized((lanes: boolean) => {
	const tile = tallTile(2, lanes);
	return program('loraDown', {
		lanes,
		bindings: [
			['x', 'read', 'vec4f'],
			['params', 'read', 'vec4f'],
			['xa', 'write', 'vec4f'],
		],
		uniforms: [
			['rows', 'u32'],
			['k', 'u32'],
			['xaQuads', 'u32'],
			['aOffset', 'u32'],
			['scaling', 'f32'],
		],
		body: tallMain(tile, {
			sum: tileNT(
				tile,
				{ name: 'x', base: 'm0 * u.k', stride: 'u.k' },
				{ name: 'params', base: 'u.aOffset + 4u * n0 * u.k', stride: 'u.k' },
				'u.k',
			),
			columns: 'u.xaQuads',
			store: (row, column, value) => `xa[${row} * u.xaQuads + ${column}] = u.scaling * ${value};`,
			ordered: lanes,
		}),
	});
});

interface LinearParts {
	bias: Tensor1D | undefined;
	residual: Tensor2D | undefined;
	lora: LoraSlot | null;
}

/** @returns y, and xa with LoRA */
export function recordLinear(x: Tensor2D, weight: Weight, parts: LinearParts): TensorInfo[] {
	const gpu = recorder();
	const T = axis(x, 0);
	const [N, K] = weightShape(weight);
	const y = gpu.allocate([T, N]);
	const xa = parts.lora === null ? null : recordDown(x, parts.lora);
	const shared = gpu.variants.tileOf('linear', T, N, K);
	if (shared === null) recordTiles({ x, y, xa }, weight, parts);
	else recordSharedLinear(shared, { x, y, xa }, weight, parts);
	return xa === null ? [y] : [y, xa];
}

function recordTiles(
	{ x, y, xa }: { x: Tensor2D; y: TensorInfo; xa: TensorInfo | null },
	weight: Weight,
	{ bias, residual, lora }: LinearParts,
): void {
	const gpu = recorder();
	const T = axis(x, 0);
	const [N, K] = weightShape(weight);
	const tile = forwardTile(T, lora, gpu.lanes4);
	const inputs: TensorInfo[] = [x, weight.data];
	if (bias !== undefined) inputs.push(bias);
	if (residual !== undefined) inputs.push(residual);
	const together = lora === null || blocksAligned(lora, 16 * tile.quads);
	gpu.record(
		forwardProgram(
			tile.rows,
			tile.quads,
			bias !== undefined,
			residual !== undefined,
			together,
			tile.shared !== null,
			weightType(weight),
		),
		[...inputs, xa ?? x, lora?.params ?? x, y],
		[T, K / 4, N / 4, ...(lora === null ? NO_LORA : loraValues(lora))],
		planTiles(T, N / 4, tile),
	);
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
		planTall(T, R / 4, tallTile(2, gpu.lanes4)),
	);
	return xa;
}
