/**
 * Backward programs of the linear layer.
 *
 * `linearDx`: dx = dy·W + dxa·A, tiles as forward, form NN. `loraUp`: dxa = s·dy_b·B_b by block, form NN, tiles of 4 rows.
 * `loraGrad`: dA += dxaᵀ·x and dB += dyᵀ·xa are sums over all T rows: a thread owns 8 × 8 (dA) or 4 × 8 (dB) results and walks T.
 */
import type { Tensor1D, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core';
import { axis } from '../../op.ts';
import { recorder } from '../../record.ts';
import { weightShape, weightType, type Weight } from '../../weight.ts';
import {
	handed,
	LANE,
	memoized,
	program,
	unroll,
	type Binding,
	type Program,
	weightQuad,
	type WeightType,
} from '../../wgsl.ts';
import { coveredRows, inBlock, LORA_UNIFORMS, loraValues } from './blocks.ts';
import { planTall, planTiles, tallMain, tallTile, tileMain, tileOf } from './forward.ts';
import { loraWidth, placedBlocks, type LoraSlot } from './lora.ts';
import { recordSharedDx } from './shared.ts';
import { tileEnd, tileNN, tileStart } from './tile.ts';

const GRAD_WORKGROUP = 16;

const dxProgram = memoized((lora: boolean, lanes: boolean, w: WeightType): Program => {
	const tile = tileOf(lanes);
	const loraPart = tileNN(
		tile,
		{ name: 'dxa', base: 'm0 * u.xaQuads', stride: 'u.xaQuads' },
		{ name: 'params', base: 'u.aOffset + n0', stride: 'u.k' },
		'u.xaQuads',
	);
	const adapter: Binding[] = lora
		? [
				['dxa', 'read', 'vec4f'],
				['params', 'read', 'vec4f'],
			]
		: [];
	return program('linearDx', {
		lanes,
		bindings: [['dy', 'read', 'vec4f'], ['w', 'read', w], ...adapter, ['dx', 'write', 'vec4f']],
		uniforms: [
			['rows', 'u32'],
			['k', 'u32'],
			['n', 'u32'],
			['aOffset', 'u32'],
			['xaQuads', 'u32'],
		],
		body: tileMain(
			tile,
			/* wgsl */ `
	${tileStart(tile)}
	${lora ? loraPart : ''}
	${tileNN(
		tile,
		{ name: 'dy', base: 'm0 * u.n', stride: 'u.n' },
		{ name: 'w', base: 'n0', stride: 'u.k', quad: weightQuad('w', w) },
		'u.n',
	)}
	${tileEnd(tile, 'u.k', (row, column, value) => `dx[${row} * u.k + ${column}] = ${value};`)}`,
		),
	});
});

/** Rank quads a thread takes: two where the rank allows. */
function rankQuads(rank: number): number {
	return rank % 8 === 0 ? 2 : 1;
}

const upProgram = memoized((quads: number, lanes: boolean): Program => {
	const tile = tallTile(quads, lanes);
	const inside = (i: number): string =>
		`dyAt += u.start${i}; bAt += u.b${i} * u.rankQuads + n0 - u.a${i}; depth = u.end${i} - u.start${i};`;
	const store = (row: string, column: string, value: string): string =>
		`dxa[${row} * u.xaQuads + ${column}] = u.scaling * ${value};`;
	return program('loraUp', {
		lanes,
		bindings: [
			['dy', 'read', 'vec4f'],
			['params', 'read', 'vec4f'],
			['dxa', 'write', 'vec4f'],
		],
		uniforms: [['rows', 'u32'], ['n', 'u32'], ['scaling', 'f32'], ...LORA_UNIFORMS],
		body: tallMain(
			tile,
			/* wgsl */ `
	${tileStart(tile)}
	var dyAt = m0 * u.n;
	var bAt = u.bOffset;
	var depth = 0u;
	${inBlock((i) => `n0 >= u.a${i} && n0 < u.a${i} + u.rankQuads && u.end${i} > 0u`, inside)}
	${tileNN(
		tile,
		{ name: 'dy', base: 'dyAt', stride: 'u.n' },
		{ name: 'params', base: 'bAt', stride: 'u.rankQuads' },
		'depth',
	)}
	${tileEnd(tile, 'u.xaQuads', store)}`,
		),
	});
});

interface OuterSum {
	/** WGSL: quads from one row of left (right) to the next. */
	left: string;
	right: string;
	/** Quads of p and of q a thread owns. */
	pQuads: number;
	qQuads: number;
	/** WGSL: quads from one row of the result to the next. */
	row: string;
	/** Which side four neighbouring threads share, and read by lanes; null without lanes. */
	shared: 'left' | 'right' | null;
}

const AXES = ['x', 'y', 'z', 'w'] as const;

/**
 * grads[to + p·row + q] += Σ_m left[m, p] · right[m, q].
 *
 * dA: left = dxa (p over rows of A), right = x (q over K). dB: left = dy (p over rows of B), right = xa (q over the block's rank).
 * What four threads share they read by rows: m, m + 1, m + 2 and m + 3, each thread one of them, taken in the thread's own order; rows
 * past the end count as zeros.
 */
function outerSum({ left, right, pQuads, qQuads, row, shared }: OuterSum): string {
	const strides = { left, right };
	const counts = { left: pQuads, right: qQuads };
	const sides = ['left', 'right'] as const;
	const steps = shared === null ? 1 : 4;
	const sums = (line: (p: number, q: number) => string): string =>
		unroll(4 * pQuads, (p) => unroll(qQuads, (q) => line(p, q), ' '));
	const read = (side: 'left' | 'right', t: number): string => {
		const at = `${shared === null ? 'm' : shared === side ? 'mine' : `m${t}`} * ${strides[side]} + ${side}At`;
		return unroll(
			counts[side],
			(j) => {
				const name = `${side}${j}_${t}`;
				if (shared !== side) return `let ${name} = ${side}[${at} + ${j}u];`;
				if (t > 0) return `let ${name} = ${handed(t, `${side}${j}_0`)};`;
				return `let ${name} = select(vec4f(), ${side}[${at} + ${j}u], m + lane < u.rows);`;
			},
			' ',
		);
	};
	const step = (t: number): string => {
		const turn = shared === null ? '' : `let m${t} = min(m + (lane ^ ${t}u), u.rows - 1u);`;
		return [turn, ...sides.map((side) => read(side, t))].join(' ');
	};
	const sum = (p: number, q: number): string =>
		Array.from({ length: steps }, (_, t) => t).reduce(
			(total, t) => `fma(vec4f(left${p >> 2}_${t}.${AXES[p & 3] ?? 'x'}), right${q}_${t}, ${total})`,
			`s${p}_${q}`,
		);
	return /* wgsl */ `
	${sums((p, q) => `var s${p}_${q} = vec4f();`)}
	for (var m = 0u; m < u.rows; m += ${steps}u) {
		${shared === null ? '' : 'let mine = min(m + lane, u.rows - 1u);'}
		${unroll(steps, step)}
		${sums((p, q) => `s${p}_${q} = ${sum(p, q)};`)}
	}
	if (inside) {
		${sums((p, q) => `grads[to + ${p}u * ${row} + ${q}u] += s${p}_${q};`)}
	}`;
}

/** Results in blocks of rows of A by quads of K; neighbouring threads lie along K and share dxa. */
const gradAProgram = memoized((pQuads: number, qQuads: number, lanes: boolean): Program => {
	return program('loraGradA', {
		lanes,
		bindings: [
			['left', 'read', 'vec4f'],
			['right', 'read', 'vec4f'],
			['grads', 'write', 'vec4f'],
		],
		uniforms: [
			['rows', 'u32'],
			['k', 'u32'],
			['xaQuads', 'u32'],
			['aOffset', 'u32'],
		],
		body: /* wgsl */ `
@compute @workgroup_size(${GRAD_WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u${lanes ? LANE : ''}) {
	let leftAt = id.y * ${pQuads}u;
	let rightAt = id.x * ${qQuads}u;
	let inside = rightAt < u.k;
	let to = u.aOffset + 4u * leftAt * u.k + rightAt;
	${outerSum({ left: 'u.xaQuads', right: 'u.k', pQuads, qQuads, row: 'u.k', shared: lanes ? 'left' : null })}
}`,
	});
});

/** Neighbouring threads lie along the rows of B and share xa, where blocks of B start at multiples of 16 rows. */
const gradBProgram = memoized((qQuads: number, lanes: boolean): Program => {
	const within = (i: number): string => `4u * p >= u.b${i} && p < u.b${i} / 4u + u.end${i} - u.start${i}`;
	return program('loraGradB', {
		lanes,
		bindings: [
			['left', 'read', 'vec4f'],
			['right', 'read', 'vec4f'],
			['grads', 'write', 'vec4f'],
		],
		uniforms: [['rows', 'u32'], ['n', 'u32'], ['last', 'u32'], ...LORA_UNIFORMS],
		body: /* wgsl */ `
@compute @workgroup_size(${GRAD_WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u${lanes ? LANE : ''}) {
	// Threads past the end stay with their three neighbours, on the last row.
	let p = min(id.x, u.last - 1u);
	let inside = id.x < u.last;
	var leftAt = 0u;
	var rightAt = id.y * ${qQuads}u;
	${inBlock(within, (i) => `leftAt = p + u.start${i} - u.b${i} / 4u; rightAt += u.a${i};`)}
	let to = u.bOffset + 4u * p * u.rankQuads + id.y * ${qQuads}u;
	${outerSum({ left: 'u.n', right: 'u.xaQuads', pQuads: 1, qQuads, row: 'u.rankQuads', shared: lanes ? 'right' : null })}
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
	const [N, K] = weightShape(weight);
	const T = axis(dy, 0);
	const dx = gpu.allocate([T, K]);
	const edge = gpu.variants.edgeOf('linearDx', T, K, N);
	if (edge !== null) {
		recordSharedDx(edge, { dy, dx, dxa }, weight, lora);
		return dx;
	}
	const adapter = lora === null || dxa === null ? [] : [dxa, lora.params];
	gpu.record(
		dxProgram(lora !== null, gpu.lanes4, weightType(weight)),
		[dy, weight.data, ...adapter, dx],
		[T, K / 4, N / 4, (lora?.aOffset ?? 0) / 4, (lora === null ? 0 : loraWidth(lora)) / 4],
		planTiles(T, K / 4, tileOf(gpu.lanes4)),
	);
	return dx;
}

function recordUp(dy: Tensor2D, lora: LoraSlot): TensorInfo {
	const gpu = recorder();
	const [T, N] = dy.shape;
	const R = loraWidth(lora);
	const tile = tallTile(rankQuads(lora.rank), gpu.lanes4);
	const dxa = gpu.allocate([T, R]);
	gpu.record(
		upProgram(tile.quads, gpu.lanes4),
		[dy, lora.params, dxa],
		[T, N / 4, lora.scaling, ...loraValues(lora)],
		planTall(T, R / 4, tile),
	);
	return dxa;
}

function recordLoraGrads(
	tensors: Record<'dy' | 'x' | 'xa' | 'dxa' | 'grads', TensorInfo>,
	lora: LoraSlot,
): void {
	const gpu = recorder();
	const { dy, x, xa, dxa, grads } = tensors;
	const [T, K, N, R] = [axis(x, 0), axis(x, 1), axis(dy, 1), loraWidth(lora)];
	const bQuads = coveredRows(lora) / 4;
	const rank = rankQuads(lora.rank);
	// Four threads must lie in one block of B, and rows of y and of B start together only where blocks do.
	const together = placedBlocks(lora).every(({ bRow }) => bRow % 16 === 0);
	gpu.record(
		gradBProgram(rank, gpu.lanes4 && together),
		[dy, xa, grads],
		[T, N / 4, bQuads, ...loraValues(lora)],
		[Math.ceil(bQuads / GRAD_WORKGROUP), lora.rank / 4 / rank],
	);
	const [pQuads, qQuads] = [R % 8 === 0 ? 2 : 1, K % 8 === 0 ? 2 : 1];
	gpu.record(
		gradAProgram(pQuads, qQuads, gpu.lanes4),
		[dxa, x, grads],
		[T, K / 4, R / 4, lora.aOffset / 4],
		[Math.ceil(K / 4 / qQuads / GRAD_WORKGROUP), R / 4 / pQuads],
	);
}
