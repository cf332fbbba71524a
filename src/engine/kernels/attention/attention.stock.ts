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

/** Rows of qkv that a query sees. */
interface Keys {
	/** [count] rows; longer than that. */
	rows: Int32Array;
	count: number;
	/** Floats a row. */
	width: number;
}

/** Writes the keys that row i sees; `keys.rows` holds as many as there are rows. */
function findKeys(layout: Int32Array, i: number, keys: Keys): void {
	keys.count = 0;
	const add = (start: number, end: number): void => {
		for (let j = start; j < end; j++) keys.rows[keys.count++] = j;
	};
	add(layout[4 * i] ?? 0, layout[4 * i + 1] ?? 0);
	add(layout[4 * i + 2] ?? 0, i + 1);
}

/** Where the n-th key's part begins; past the last key, that of the last. */
function offsetOf({ rows, count, width }: Keys, n: number, at: number): number {
	return (rows[Math.min(n, count - 1)] ?? 0) * width + at;
}

/** list[i], which exists. One function a type: a load that sees two is slow at every place it stands in. */
function valueAt(list: Float32Array, i: number): number {
	return list[i] ?? 0;
}
function exactAt(list: Float64Array, i: number): number {
	return list[i] ?? 0;
}

// The loops below take four keys at a time, so that each value of the query is read once for four products. Indices are in range by
// the shapes checked in the wrapper; the keys past the last are the last itself, whose result is written over or weighs nothing. Sums
// are kept in f64: a sum over many keys would be rounded at each of them.

/** out[n] = Σ_c a[at + c]·b[key n][bAt + c] */
function dotKeys(
	out: Float64Array,
	[a, at]: readonly [Float32Array, number],
	[b, bAt]: readonly [Float32Array, number],
	keys: Keys,
	D: number,
): void {
	for (let n = 0; n < keys.count; n += 4) {
		const k0 = offsetOf(keys, n, bAt);
		const k1 = offsetOf(keys, n + 1, bAt);
		const k2 = offsetOf(keys, n + 2, bAt);
		const k3 = offsetOf(keys, n + 3, bAt);
		let [s0, s1, s2, s3] = [0, 0, 0, 0];
		for (let c = 0; c < D; c++) {
			const q = valueAt(a, at + c);
			s0 += q * valueAt(b, k0 + c);
			s1 += q * valueAt(b, k1 + c);
			s2 += q * valueAt(b, k2 + c);
			s3 += q * valueAt(b, k3 + c);
		}
		out[n] = s0;
		out[n + 1] = s1;
		out[n + 2] = s2;
		out[n + 3] = s3;
	}
}

/** into[to + c] += Σ_n weights[n]·from[key n][at + c]; weights past the last key are 0. */
function sumKeys(
	[into, to]: readonly [Float64Array, number],
	weights: Float64Array,
	[from, at]: readonly [Float32Array, number],
	keys: Keys,
	D: number,
): void {
	for (let n = 0; n < keys.count; n += 4) {
		const k0 = offsetOf(keys, n, at);
		const k1 = offsetOf(keys, n + 1, at);
		const k2 = offsetOf(keys, n + 2, at);
		const k3 = offsetOf(keys, n + 3, at);
		const [w0, w1, w2, w3] = [
			exactAt(weights, n),
			exactAt(weights, n + 1),
			exactAt(weights, n + 2),
			exactAt(weights, n + 3),
		];
		for (let c = 0; c < D; c++) {
			into[to + c] =
				exactAt(into, to + c) +
				w0 * valueAt(from, k0 + c) +
				w1 * valueAt(from, k1 + c) +
				w2 * valueAt(from, k2 + c) +
				w3 * valueAt(from, k3 + c);
		}
	}
}

/** into[key n][to + c] += weights[n]·from[at + c] */
function addToKeys(
	[into, to]: readonly [Float64Array, number],
	weights: Float64Array,
	[from, at]: readonly [Float32Array, number],
	keys: Keys,
	D: number,
): void {
	let n = 0;
	for (; n + 1 < keys.count; n += 2) {
		const [w0, w1] = [exactAt(weights, n), exactAt(weights, n + 1)];
		const k0 = offsetOf(keys, n, to);
		const k1 = offsetOf(keys, n + 1, to);
		for (let c = 0; c < D; c++) {
			const value = valueAt(from, at + c);
			into[k0 + c] = exactAt(into, k0 + c) + w0 * value;
			into[k1 + c] = exactAt(into, k1 + c) + w1 * value;
		}
	}
	if (n === keys.count) return;
	const k = offsetOf(keys, n, to);
	const w = exactAt(weights, n);
	for (let c = 0; c < D; c++) into[k + c] = exactAt(into, k + c) + w * valueAt(from, at + c);
}

/** Turns q and k in place by the position of their row; direction −1 turns back. */
export function rotateInPlace(
	qkv: Float32Array | Float64Array,
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
	const out = new Float64Array(T * H * D);
	const statsOut = floatView(stats);
	const ranges = intView(layout);
	const scale = 1 / Math.sqrt(D);
	const keys: Keys = { rows: new Int32Array(T), count: 0, width: W };
	const weights = new Float64Array(T + 3);
	for (let i = 0; i < T; i++) {
		findKeys(ranges, i, keys);
		for (let h = 0; h < H; h++) {
			const row = rowOf(sizes, i, h);
			dotKeys(weights, [x, row.q], [x, row.k], keys, D);
			const lse = softmaxInPlace(weights, keys.count, scale);
			sumKeys([out, row.out], weights, [x, row.v], keys, D);
			statsOut[2 * (i * H + h)] = lse;
		}
	}
	floatView(o).set(out);
	return [o, stats, rotated];
}

/** softmax(scale·scores) of the first `count`, zeros in the three behind them. @returns log Σ e^(scale·score) */
function softmaxInPlace(scores: Float64Array, count: number, scale: number): number {
	let largest = -Infinity;
	for (let n = 0; n < count; n++) largest = Math.max(largest, scale * (scores[n] ?? 0));
	let total = 0;
	for (let n = 0; n < count; n++) {
		const weight = Math.exp(scale * (scores[n] ?? 0) - largest);
		scores[n] = weight;
		total += weight;
	}
	for (let n = 0; n < count; n++) scores[n] = (scores[n] ?? 0) / total;
	scores.fill(0, count, count + 3);
	return largest + Math.log(total);
}

/**
 * ds = scale·p·(dp − Σ p·dp) in place of dp. Σ p·dp is taken from the same p as ds, not from the rounded output: then Σ ds is 0 to
 * the last bits, and what all keys have in common, as a bias of theirs, leaves no trace in the gradient of the query.
 */
function softmaxGradInPlace(ds: Float64Array, p: Float64Array, count: number, scale: number): void {
	let delta = 0;
	for (let n = 0; n < count; n++) delta += exactAt(p, n) * exactAt(ds, n);
	for (let n = 0; n < count; n++) ds[n] = exactAt(p, n) * (exactAt(ds, n) - delta) * scale;
}

export function attentionGradStock(
	inputs: {
		dO: Tensor2D;
		rotated: Tensor2D;
		positions: Tensor1D;
		layout: Tensor2D;
	},
	config: AttentionConfig,
): Tensor2D {
	const sizes = sizesOf(config);
	const { H, D, W } = sizes;
	const T = axis(inputs.rotated, 0);
	const dqkv: Tensor2D = zeros([T, W]);
	const [dO, x] = [floatView(inputs.dO), floatView(inputs.rotated)];
	const d = new Float64Array(T * W);
	const ranges = intView(inputs.layout);
	const scale = 1 / Math.sqrt(D);
	const keys: Keys = { rows: new Int32Array(T), count: 0, width: W };
	const [p, ds] = [new Float64Array(T + 3), new Float64Array(T + 3)];
	for (let i = 0; i < T; i++) {
		findKeys(ranges, i, keys);
		for (let h = 0; h < H; h++) {
			const row = rowOf(sizes, i, h);
			dotKeys(p, [x, row.q], [x, row.k], keys, D);
			softmaxInPlace(p, keys.count, scale);
			dotKeys(ds, [dO, row.out], [x, row.v], keys, D);
			softmaxGradInPlace(ds, p, keys.count, scale);
			ds.fill(0, keys.count, keys.count + 3);
			sumKeys([d, row.q], ds, [x, row.k], keys, D);
			addToKeys([d, row.v], p, [dO, row.out], keys, D);
			addToKeys([d, row.k], ds, [x, row.q], keys, D);
		}
	}
	rotateInPlace(d, intView(inputs.positions), floatView(config.rope), config, -1);
	floatView(dqkv).set(d);
	return dqkv;
}
