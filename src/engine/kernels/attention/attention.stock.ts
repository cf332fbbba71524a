/**
 * Attention on host backends: loops over the keys each row sees.
 *
 * tfjs could only do this dense: [H, T, T] scores of packed rows, most of them masked. The loops do the work of the causal
 * triangles alone and keep no scores.
 */
import { zeros, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { floatView, intView } from '../../host.ts';
import { axis } from '../../op.ts';
import type { AttentionConfig } from './config.ts';

/** Heads, their size, and the width of a row of qkv. */
interface Sizes {
	H: number;
	kvHeads: number;
	D: number;
	W: number;
}

/** Offsets into qkv (q, k, v) and o of one row and head against one key. */
interface Row {
	q: number;
	out: number;
	/** Offset of k and v of key 0; key j adds j·W. */
	k: number;
	v: number;
}

function sizesOf({ heads, kvHeads, headSize }: AttentionConfig): Sizes {
	return { H: heads, kvHeads, D: headSize, W: (heads + 2 * kvHeads) * headSize };
}

function rowOf({ H, kvHeads, D, W }: Sizes, i: number, h: number): Row {
	const kv = Math.floor((h * kvHeads) / H);
	return { q: i * W + h * D, out: (i * H + h) * D, k: (H + kv) * D, v: (H + kvHeads + kv) * D };
}

/** Calls `visit` for every key that row i sees. */
function eachKey(layout: Int32Array, i: number, visit: (j: number) => void): void {
	const prefixEnd = layout[4 * i + 1] ?? 0;
	for (let j = layout[4 * i] ?? 0; j < prefixEnd; j++) visit(j);
	for (let j = layout[4 * i + 2] ?? 0; j <= i; j++) visit(j);
}

/** Σ_c a[aAt + c]·b[bAt + c]. Indices are in range by the shapes checked in the wrapper. */
function dot(a: Float32Array, aAt: number, b: Float32Array, bAt: number, D: number): number {
	let sum = 0;
	for (let c = 0; c < D; c++) sum += (a[aAt + c] ?? 0) * (b[bAt + c] ?? 0);
	return sum;
}

/** into[to + c] += factor · from[at + c]. */
function addScaled(
	into: Float32Array,
	to: number,
	factor: number,
	from: Float32Array,
	at: number,
	D: number,
): void {
	for (let c = 0; c < D; c++) into[to + c] = (into[to + c] ?? 0) + factor * (from[at + c] ?? 0);
}

/** Turns q and k in place by the position of their row; direction −1 turns back. */
export function rotateInPlace(
	qkv: Float32Array,
	positions: Int32Array,
	table: Float32Array,
	config: AttentionConfig,
	direction: 1 | -1,
): void {
	const { H, kvHeads, D, W } = sizesOf(config);
	const half = D / 2;
	positions.forEach((position, t) => {
		for (let start = t * W; start < t * W + (H + kvHeads) * D; start += D) {
			for (let i = 0; i < half; i++) {
				const cos = table[position * D + i] ?? 1;
				const sin = direction * (table[position * D + half + i] ?? 0);
				const first = qkv[start + i] ?? 0;
				const second = qkv[start + half + i] ?? 0;
				qkv[start + i] = first * cos - second * sin;
				qkv[start + half + i] = second * cos + first * sin;
			}
		}
	});
}

/** @returns o, stats, rotated */
export function attentionStock(
	qkv: Tensor2D,
	positions: Tensor1D,
	layout: Tensor2D,
	config: AttentionConfig,
): Tensor2D[] {
	const sizes = sizesOf(config);
	const { H, D, W } = sizes;
	const T = axis(qkv, 0);
	const rotated: Tensor2D = zeros([T, W]);
	const o: Tensor2D = zeros([T, H * D]);
	const stats: Tensor2D = zeros([T, 2 * H]);
	const x = floatView(rotated);
	x.set(floatView(qkv));
	rotateInPlace(x, intView(positions), floatView(config.rope), config, 1);
	const out = floatView(o);
	const statsOut = floatView(stats);
	const ranges = intView(layout);
	const scale = 1 / Math.sqrt(D);
	for (let i = 0; i < T; i++) {
		for (let h = 0; h < H; h++) {
			const row = rowOf(sizes, i, h);
			const scores: number[] = [];
			let largest = -Infinity;
			eachKey(ranges, i, (j) => {
				const s = scale * dot(x, row.q, x, j * W + row.k, D);
				scores.push(s);
				if (s > largest) largest = s;
			});
			let total = 0;
			for (const s of scores) total += Math.exp(s - largest);
			let index = 0;
			eachKey(ranges, i, (j) => {
				const p = Math.exp((scores[index] ?? 0) - largest) / total;
				index += 1;
				addScaled(out, row.out, p, x, j * W + row.v, D);
			});
			statsOut[2 * (i * H + h)] = largest + Math.log(total);
		}
	}
	return [o, stats, rotated];
}

export function attentionGradStock(
	inputs: {
		dO: Tensor2D;
		rotated: Tensor2D;
		o: Tensor2D;
		stats: Tensor2D;
		positions: Tensor1D;
		layout: Tensor2D;
	},
	config: AttentionConfig,
): Tensor2D {
	const sizes = sizesOf(config);
	const { H, D, W } = sizes;
	const T = axis(inputs.rotated, 0);
	const dqkv: Tensor2D = zeros([T, W]);
	const [d, dO, x, o] = [dqkv, inputs.dO, inputs.rotated, inputs.o].map(floatView) as [
		Float32Array,
		Float32Array,
		Float32Array,
		Float32Array,
	];
	const stats = floatView(inputs.stats);
	const ranges = intView(inputs.layout);
	const scale = 1 / Math.sqrt(D);
	for (let i = 0; i < T; i++) {
		for (let h = 0; h < H; h++) {
			const row = rowOf(sizes, i, h);
			const delta = dot(dO, row.out, o, row.out, D);
			eachKey(ranges, i, (j) => {
				const k = j * W + row.k;
				const v = j * W + row.v;
				const p = Math.exp(scale * dot(x, row.q, x, k, D) - (stats[2 * (i * H + h)] ?? 0));
				const ds = p * (dot(dO, row.out, x, v, D) - delta) * scale;
				addScaled(d, v, p, dO, row.out, D);
				addScaled(d, row.q, ds, x, k, D);
				addScaled(d, k, ds, x, row.q, D);
			});
		}
	}
	rotateInPlace(d, intView(inputs.positions), floatView(config.rope), config, -1);
	return dqkv;
}
