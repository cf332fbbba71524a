/**
 * Attention on host backends: a block of rows that see none but each other at a time, one key head at a time, as dense products of
 * which the masked part is not used. A product of tfjs's wasm does twenty times as much as loops in JavaScript in the same time.
 *
 * Products are f32, so keys lose their mean first: scores that all move by the same amount give the same weights, and what the keys of
 * a block have in common, as a bias of theirs, is not rounded into each of them. Between the products numbers are f64.
 */
import { matMul, tensor2d, tidy, transpose, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { floatView, intView } from '../../host.ts';
import { axis } from '../../op.ts';
import type { AttentionConfig } from './config.ts';
import { blocksOf, centre, partsOf, stacked, turned, unstack, type Block } from './hostBlocks.ts';

/** Turns q and k in place by the position of their row; direction −1 turns back. */
export function rotateInPlace(
	qkv: Float32Array,
	positions: Int32Array,
	table: Float32Array,
	config: AttentionConfig,
	direction: 1 | -1,
): void {
	const { heads, kvHeads, headSize: D } = config;
	const W = (heads + 2 * kvHeads) * D;
	const half = D / 2;
	positions.forEach((position, t) => {
		for (let start = t * W; start < t * W + (heads + kvHeads) * D; start += D) {
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

type Parts = ReturnType<typeof partsOf>;
/** Keys of a block that a row sees: [from, to) of the prefix, then of its own sequence. */
type Seen = readonly (readonly [from: number, to: number])[];

/** Softmax of one key head's scores in a block of n rows, for the group of query heads that read it. */
interface Weights {
	/** Over √D [group·n, D]. */
	q: Tensor2D;
	/** Less their mean [n, D]. */
	k: Tensor2D;
	/** [group·n, n], 0 where a row does not see a key. */
	p: Tensor2D;
	/** [group·n] */
	lse: Float64Array;
}

function seenBy(layout: Int32Array, i: number, { start }: Block): Seen {
	const [from, to] = [layout[4 * i] ?? 0, layout[4 * i + 1] ?? 0];
	const own = [(layout[4 * i + 2] ?? 0) - start, i + 1 - start] as const;
	return from < to ? [[from - start, to - start], own] : [own];
}

function weightsOf(x: Float32Array, layout: Int32Array, block: Block, parts: Parts): Weights {
	const n = block.end - block.start;
	const D = parts.k.size;
	const [queries, keys] = [stacked(x, block, parts.q, 1 / Math.sqrt(D)), stacked(x, block, parts.k)];
	const mean = centre(keys, D);
	const q = tensor2d(queries, [queries.length / D, D]);
	const p: Tensor2D = matMul(q, turned(keys, D));
	const lse = new Float64Array(queries.length / D);
	const scores = floatView(p);
	for (let row = 0; row < lse.length; row++) {
		const seen = seenBy(layout, block.start + (row % n), block);
		lse[row] = softmaxInPlace(scores.subarray(row * n, (row + 1) * n), seen);
		for (let c = 0; c < D; c++) lse[row] = (lse[row] ?? 0) + (queries[row * D + c] ?? 0) * (mean[c] ?? 0);
	}
	return { q, k: tensor2d(keys, [n, D]), p, lse };
}

/** softmax of the scores that are seen, zeros for the others. @returns log Σ e^score */
function softmaxInPlace(scores: Float32Array, seen: Seen): number {
	let largest = -Infinity;
	for (const [from, to] of seen) {
		for (let j = from; j < to; j++) largest = Math.max(largest, scores[j] ?? 0);
	}
	let total = 0;
	for (const [from, to] of seen) {
		for (let j = from; j < to; j++) total += scores[j] = Math.exp((scores[j] ?? 0) - largest);
	}
	let end = 0;
	for (const [from, to] of seen) {
		scores.fill(0, end, from);
		for (let j = from; j < to; j++) scores[j] = (scores[j] ?? 0) / total;
		end = to;
	}
	scores.fill(0, end);
	return largest + Math.log(total);
}

/** p·(dp − Σ p·dp) in place of dp, row by row of n; Σ p·dp is taken from the same p, so that a row's sum is 0. */
function softmaxGradInPlace(dp: Float32Array, p: Float32Array, n: number): void {
	for (let row = 0; row < p.length; row += n) {
		let delta = 0;
		for (let j = row; j < row + n; j++) delta += (p[j] ?? 0) * (dp[j] ?? 0);
		for (let j = row; j < row + n; j++) dp[j] = (p[j] ?? 0) * ((dp[j] ?? 0) - delta);
	}
}

/** Every block with every key head; what `work` makes is freed. */
function eachBlock(
	layout: Int32Array,
	config: AttentionConfig,
	work: (block: Block, parts: Parts) => void,
): void {
	for (const block of blocksOf(layout)) {
		for (let head = 0; head < config.kvHeads; head++) tidy(() => work(block, partsOf(config, head)));
	}
}

/** @returns o, stats, rotated */
export function attentionStock(
	qkv: Tensor2D,
	positions: Tensor1D,
	layout: Tensor2D,
	config: AttentionConfig,
): Tensor2D[] {
	const { heads: H, headSize: D } = config;
	const [x, ranges] = [floatView(qkv).slice(), intView(layout).slice()];
	rotateInPlace(x, intView(positions), floatView(config.rope), config, 1);
	const T = axis(qkv, 0);
	const o = new Float32Array(T * H * D);
	const stats = new Float32Array(T * 2 * H);
	eachBlock(ranges, config, (block, parts) => {
		const { p, lse } = weightsOf(x, ranges, block, parts);
		const v = tensor2d(stacked(x, block, parts.v), [block.end - block.start, D]);
		unstack(floatView(matMul(p, v)), o, block, parts.o);
		unstack(lse, stats, block, { ...parts.o, width: 2 * H, at: (2 * parts.o.at) / D, size: 1, stride: 2 });
	});
	return [tensor2d(o, [T, H * D]), tensor2d(stats, [T, 2 * H]), tensor2d(x, qkv.shape)];
}

/** @returns dqkv */
export function attentionGradStock(
	inputs: {
		dO: Tensor2D;
		rotated: Tensor2D;
		positions: Tensor1D;
		layout: Tensor2D;
	},
	config: AttentionConfig,
): Tensor2D {
	const { headSize: D } = config;
	const [x, dOut] = [floatView(inputs.rotated).slice(), floatView(inputs.dO).slice()];
	const ranges = intView(inputs.layout).slice();
	const d = new Float32Array(x.length);
	eachBlock(ranges, config, (block, parts) => {
		const { q, k, p } = weightsOf(x, ranges, block, parts);
		const rows = stacked(dOut, block, parts.o);
		const dO = tensor2d(rows, [rows.length / D, D]);
		const values = stacked(x, block, parts.v);
		centre(values, D);
		const ds: Tensor2D = matMul(dO, turned(values, D));
		softmaxGradInPlace(floatView(ds), floatView(p), block.end - block.start);
		unstack(floatView(matMul(ds, k)), d, block, parts.q, 1 / Math.sqrt(D));
		unstack(floatView(matMul(transpose(ds), q)), d, block, parts.k);
		unstack(floatView(matMul(transpose(p), dO)), d, block, parts.v);
	});
	rotateInPlace(d, intView(inputs.positions), floatView(config.rope), config, -1);
	return tensor2d(d, inputs.rotated.shape);
}
