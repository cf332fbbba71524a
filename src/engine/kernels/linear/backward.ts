/**
 * Backward programs of the linear layer.
 *
 * `linearDx`: dx = dy·W + dxa·A, tiles as forward, form NN. `loraUp`: dxa = s·dy_b·B_b by block, form NN, tiles of 4 rows.
 * `loraGrad`: dA += dxaᵀ·x and dB += dyᵀ·xa are sums over all T rows: a thread owns 8 × 8 (dA) or 4 × 8 (dB) results and walks T.
 */
import type { Tensor1D, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core';
import { axis } from '../../op.ts';
import { recorder } from '../../record.ts';
import type { Weight } from '../../weight.ts';
import { LANE, memoized, program, unroll, type Program } from '../../wgsl.ts';
import { blocksKey, blocksOf, planTall, planTiles, tallMain, TILE, tileMain } from './forward.ts';
import { loraWidth, type LoraSlot, type PlacedBlock } from './lora.ts';
import { tileEnd, tileNN, tileStart, type Tile } from './tile.ts';

const GRAD_WORKGROUP = 16;

const dxProgram = memoized((K: number, N: number, R: number, lanes: boolean): Program => {
	const lora = /* wgsl */ `
	let dxaAt = m0 * ${R / 4}u;
	let aAt = u.aOffset + n0;
	${tileNN(TILE, { name: 'dxa', base: 'dxaAt', stride: R / 4, lanes }, { name: 'params', base: 'aAt', stride: K / 4 }, R / 4)}`;
	return program(`linearDx ${N}x${K}`, {
		lanes,
		bindings: [
			['dy', 'read', lanes ? 'f32' : 'vec4f'],
			['w', 'read', 'vec4f'],
			...(R === 0
				? []
				: ([
						['dxa', 'read', lanes ? 'f32' : 'vec4f'],
						['params', 'read', 'vec4f'],
					] as const)),
			['dx', 'write', 'vec4f'],
		],
		uniforms: [
			['rows', 'u32'],
			['aOffset', 'u32'],
		],
		body: tileMain(
			TILE,
			lanes,
			/* wgsl */ `
	let dyAt = m0 * ${N / 4}u;
	${tileStart(TILE)}
	${R === 0 ? '' : lora}
	${tileNN(TILE, { name: 'dy', base: 'dyAt', stride: N / 4, lanes }, { name: 'w', base: 'n0', stride: K / 4 }, N / 4)}
	${tileEnd(TILE, K / 4, (i, j, value) => `dx[(m0 + ${i}u) * ${K / 4}u + n0 + ${j}u] = ${value};`)}`,
		),
	});
});

/** Rank quads a thread takes: two where the rank allows. */
function rankQuads(rank: number): number {
	return rank % 8 === 0 ? 2 : 1;
}

const upProgram = memoized((N: number, blocks: string, rank: number, lanes: boolean): Program => {
	const placed = blocksOf(blocks);
	const R4 = (placed.length * rank) / 4;
	const tile: Tile = { rows: 4, quads: rankQuads(rank) };
	const inside = ({ rowStart, rowEnd, aRow, bRow }: PlacedBlock): string => /* wgsl */ `
	if (n0 >= ${aRow / 4}u && n0 < ${(aRow + rank) / 4}u) {
		dyAt += ${rowStart / 4}u;
		bAt += ${(bRow * rank) / 4}u + n0 - ${aRow / 4}u;
		depth = ${(rowEnd - rowStart) / 4}u;
	}`;
	const b = { name: 'params', base: 'bAt', stride: rank / 4, lanes };
	return program(`loraUp ${N} ${blocks}`, {
		lanes,
		bindings: [
			['dy', 'read', 'vec4f'],
			['params', 'read', lanes ? 'f32' : 'vec4f'],
			['dxa', 'write', 'vec4f'],
		],
		uniforms: [
			['rows', 'u32'],
			['bOffset', 'u32'],
			['scaling', 'f32'],
		],
		body: tallMain(
			tile,
			lanes,
			/* wgsl */ `
	${tileStart(tile)}
	var dyAt = m0 * ${N / 4}u;
	var bAt = u.bOffset;
	var depth = 0u;
	${placed.map(inside).join('')}
	${tileNN(tile, { name: 'dy', base: 'dyAt', stride: N / 4 }, b, 'depth')}
	${tileEnd(tile, R4, (i, j, value) => `dxa[(m0 + ${i}u) * ${R4}u + n0 + ${j}u] = u.scaling * ${value};`)}`,
		),
	});
});

interface OuterSum {
	/** Quads from one row of left (right) to the next. */
	left: number;
	right: number;
	/** Quads of p and of q a thread owns. */
	pQuads: number;
	qQuads: number;
	/** Quads from one row of the result to the next. */
	row: number;
	/** Which side four neighbouring threads share, and read by lanes; null without lanes. */
	shared: 'left' | 'right' | null;
}

/**
 * grads[to + p·row + q] += Σ_m left[m, p] · right[m, q].
 *
 * dA: left = dxa (p over rows of A), right = x (q over K). dB: left = dy (p over rows of B), right = xa (q over the block's rank).
 */
function outerSum({ left, right, pQuads, qQuads, row, shared }: OuterSum): string {
	const lanes = ['x', 'y', 'z', 'w'];
	const quad = (name: 'left' | 'right', index: string): string =>
		shared === name ? `handRound(${name}[4u * (${index}) + lane])` : `${name}[${index}]`;
	const sums = (line: (p: number, q: number) => string): string =>
		unroll(4 * pQuads, (p) => unroll(qQuads, (q) => line(p, q), ' '));
	return /* wgsl */ `
	${sums((p, q) => `var s${p}_${q} = vec4f();`)}
	for (var m = 0u; m < u.rows; m++) {
		${unroll(pQuads, (j) => `let p${j} = ${quad('left', `m * ${left}u + leftAt + ${j}u`)};`, ' ')}
		${unroll(qQuads, (j) => `let q${j} = ${quad('right', `m * ${right}u + rightAt + ${j}u`)};`, ' ')}
		${sums((p, q) => `s${p}_${q} = fma(vec4f(p${p >> 2}.${lanes[p & 3] ?? 'x'}), q${q}, s${p}_${q});`)}
	}
	if (inside) {
		${sums((p, q) => `grads[to + ${p * row + q}u] += s${p}_${q};`)}
	}`;
}

/** Results in blocks of rows of A by quads of K; neighbouring threads lie along K and share dxa. */
const gradAProgram = memoized((K: number, R: number, lanes: boolean): Program => {
	const qQuads = K % 8 === 0 ? 2 : 1;
	const pQuads = R % 8 === 0 ? 2 : 1;
	return program(`loraGradA ${R}x${K}`, {
		lanes,
		bindings: [
			['left', 'read', lanes ? 'f32' : 'vec4f'],
			['right', 'read', 'vec4f'],
			['grads', 'write', 'vec4f'],
		],
		uniforms: [
			['rows', 'u32'],
			['aOffset', 'u32'],
		],
		body: /* wgsl */ `
@compute @workgroup_size(${GRAD_WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u${lanes ? LANE : ''}) {
	let leftAt = id.y * ${pQuads}u;
	let rightAt = id.x * ${qQuads}u;
	let inside = rightAt < ${K / 4}u;
	let to = u.aOffset + 4u * leftAt * ${K / 4}u + rightAt;
	${outerSum({ left: R / 4, right: K / 4, pQuads, qQuads, row: K / 4, shared: lanes ? 'left' : null })}
}`,
	});
});

/** Neighbouring threads lie along the rows of B and share xa, where blocks end at multiples of 16 rows. */
const gradBProgram = memoized((N: number, blocks: string, rank: number, lanesHere: boolean): Program => {
	const placed = blocksOf(blocks);
	const lanes = lanesHere && placed.every(({ bRow }) => bRow % 16 === 0);
	const qQuads = rankQuads(rank);
	const select = placed
		.map(
			({ rowStart, rowEnd, aRow, bRow }) =>
				`if (p >= ${bRow / 4}u && p < ${(bRow + rowEnd - rowStart) / 4}u) ` +
				`{ leftAt = p + ${rowStart / 4}u - ${bRow / 4}u; rightAt = ${aRow / 4}u + id.y * ${qQuads}u; }`,
		)
		.join('\n\t');
	const last = placed.reduce((sum, { rowStart, rowEnd }) => sum + rowEnd - rowStart, 0);
	const right = (placed.length * rank) / 4;
	// Threads past the end stay with their three neighbours, on the last block.
	const restAt = (placed.at(-1)?.aRow ?? 0) / 4;
	return program(`loraGradB ${N} ${blocks}`, {
		lanes,
		bindings: [
			['left', 'read', 'vec4f'],
			['right', 'read', lanes ? 'f32' : 'vec4f'],
			['grads', 'write', 'vec4f'],
		],
		uniforms: [
			['rows', 'u32'],
			['bOffset', 'u32'],
		],
		body: /* wgsl */ `
@compute @workgroup_size(${GRAD_WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u${lanes ? LANE : ''}) {
	let p = id.x;
	let inside = p < ${last / 4}u;
	var leftAt = 0u;
	var rightAt = ${restAt}u + id.y * ${qQuads}u;
	${select}
	let to = u.bOffset + 4u * p * ${rank / 4}u + id.y * ${qQuads}u;
	${outerSum({ left: N / 4, right, pQuads: 1, qQuads, row: rank / 4, shared: lanes ? 'right' : null })}
}`,
	});
});

interface GradOptions {
	lora: LoraSlot | null;
	xa: Tensor2D | undefined;
	grads: Tensor1D | undefined;
	needDx: boolean;
}

/** @returns dx where needed */
export function recordLinearGrad(
	dy: Tensor2D,
	x: Tensor2D,
	weight: Weight,
	{ lora, xa, grads, needDx }: GradOptions,
): TensorInfo[] {
	const gpu = recorder();
	const dxa = lora === null ? null : recordUp(dy, lora);
	if (lora !== null && dxa !== null && xa !== undefined && grads !== undefined) {
		recordLoraGrads({ dy, x, xa, dxa, grads }, lora);
	}
	const outputs = needDx ? [recordDx(dy, weight, lora, dxa)] : [];
	if (dxa !== null) gpu.free(dxa);
	return outputs;
}

function recordDx(dy: Tensor2D, weight: Weight, lora: LoraSlot | null, dxa: TensorInfo | null): TensorInfo {
	const gpu = recorder();
	const [N, K] = weight.data.shape;
	const T = axis(dy, 0);
	const dx = gpu.allocate([T, K]);
	const adapter = lora === null || dxa === null ? [] : [dxa, lora.params];
	gpu.record(
		dxProgram(K, N, lora === null ? 0 : loraWidth(lora), gpu.lanes4),
		[dy, weight.data, ...adapter, dx],
		[T, (lora?.aOffset ?? 0) / 4],
		planTiles(T, K / 4, TILE, gpu.lanes4),
	);
	return dx;
}

function recordUp(dy: Tensor2D, lora: LoraSlot): TensorInfo {
	const gpu = recorder();
	const [T, N] = dy.shape;
	const R = loraWidth(lora);
	const dxa = gpu.allocate([T, R]);
	gpu.record(
		upProgram(N, blocksKey(lora), lora.rank, gpu.lanes4),
		[dy, lora.params, dxa],
		[T, lora.bOffset / 4, lora.scaling],
		planTall(T, R / 4, { rows: 4, quads: rankQuads(lora.rank) }),
	);
	return dxa;
}

function recordLoraGrads(
	tensors: Record<'dy' | 'x' | 'xa' | 'dxa' | 'grads', TensorInfo>,
	lora: LoraSlot,
): void {
	const gpu = recorder();
	const { dy, x, xa, dxa, grads } = tensors;
	const T = axis(x, 0);
	const K = axis(x, 1);
	const R = loraWidth(lora);
	const bQuads = lora.blocks.reduce((sum, { rowStart, rowEnd }) => sum + rowEnd - rowStart, 0) / 4;
	gpu.record(
		gradBProgram(axis(dy, 1), blocksKey(lora), lora.rank, gpu.lanes4),
		[dy, xa, grads],
		[T, lora.bOffset / 4],
		[Math.ceil(bQuads / GRAD_WORKGROUP), lora.rank / 4 / rankQuads(lora.rank)],
	);
	const quads = K % 8 === 0 ? 2 : 1;
	gpu.record(
		gradAProgram(K, R, gpu.lanes4),
		[dxa, x, grads],
		[T, lora.aOffset / 4],
		[Math.ceil(K / 4 / quads / GRAD_WORKGROUP), R / (R % 8 === 0 ? 8 : 4)],
	);
}
