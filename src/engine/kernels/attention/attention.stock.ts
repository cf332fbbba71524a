/**
 * Attention on host backends. Rows are split into blocks whose rows see only each other; per block and key
 * head, dense products are computed and their masked part is ignored. In the same time a product of tfjs's
 * wasm does twenty times as much as loops in JavaScript.
 *
 * Products are f32, so the mean of the keys is subtracted first: moving all scores of a row by the same
 * amount leaves its weights unchanged, and the common part of a block's keys, such as a bias, is then not
 * rounded into each score. Between the products numbers are f64.
 *
 * The gradient stores keys in rows and query rows in columns: two of its five products need the weights in
 * this form, and the rows that see a key are consecutive.
 */
import { matMul, tidy, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { blank, floatView, intView } from '../../host/memory.ts';
import { axis } from '../../op.ts';
import type { AttentionConfig } from './config.ts';
import { blocksOf, meanOf, partsOf, stacked, turned, unstack, type Block, type Part } from './hostBlocks.ts';

/** Rotates q and k in place by the position of their row; direction −1 rotates back. */
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
	for (let t = 0; t < positions.length; t++) {
		const turn = (positions[t] ?? 0) * D;
		for (let start = t * W; start < t * W + (heads + kvHeads) * D; start += D) {
			for (let i = 0; i < half; i++) {
				const cos = table[turn + i] ?? 1;
				const sin = direction * (table[turn + half + i] ?? 0);
				const first = qkv[start + i] ?? 0;
				const second = qkv[start + half + i] ?? 0;
				qkv[start + i] = first * cos - second * sin;
				qkv[start + half + i] = second * cos + first * sin;
			}
		}
	}
}

type Parts = ReturnType<typeof partsOf>;
/** Keys of a block that a row sees: [from, to) of the prefix, then of its own sequence. */
type Seen = readonly (readonly [from: number, to: number])[];

function seenBy(layout: Int32Array, i: number, { start }: Block): Seen {
	const [from, to] = [layout[4 * i] ?? 0, layout[4 * i + 1] ?? 0];
	const own = [(layout[4 * i + 2] ?? 0) - start, i + 1 - start] as const;
	return from < to ? [[from - start, to - start], own] : [own];
}

/** In place: softmax of the visible scores, zeros for the others. @returns log Σ e^score */
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

/** Visits every block with every key head; frees the tensors that `work` creates. */
function eachBlock(
	layout: Int32Array,
	config: AttentionConfig,
	work: (block: Block, parts: Parts) => void,
): void {
	for (const block of blocksOf(layout)) {
		for (let head = 0; head < config.kvHeads; head++) tidy(() => work(block, partsOf(config, head)));
	}
}

/** Visits the rows of a block's scores: row `row` of the stack is query head `head` of row i. */
function eachQuery(
	{ start, end }: Block,
	{ at, size, heads }: Part,
	visit: (row: number, i: number, head: number) => void,
): void {
	const n = end - start;
	for (let row = 0; row < heads * n; row++) visit(row, start + (row % n), at / size + Math.floor(row / n));
}

/**
 * Difference between a query's scores and its scores against mean-free keys: scale·q·mean. `at` is the query's
 * offset in x.
 */
function scoreOfMean(x: Float32Array, at: number, mean: Float64Array, scale: number): number {
	let sum = 0;
	for (let c = 0; c < mean.length; c++) sum += (x[at + c] ?? 0) * (mean[c] ?? 0);
	return scale * sum;
}

/** @returns o, stats, rotated */
export function attentionStock(
	qkv: Tensor2D,
	positions: Tensor1D,
	layout: Tensor2D,
	config: AttentionConfig,
): Tensor2D[] {
	const { heads: H, headSize: D, scale } = config;
	const [T, W] = qkv.shape;
	const [o, stats, x] = [blank(T, H * D), blank(T, 2 * H), blank(T, W)];
	floatView(x).set(floatView(qkv));
	rotateInPlace(floatView(x), intView(positions), floatView(config.rope), config, 1);
	const ranges = intView(layout).slice();
	eachBlock(ranges, config, (block, parts) => {
		const n = block.end - block.start;
		const mean = meanOf(x, block, parts.k);
		const q = stacked(x, block, parts.q, { scale });
		const p: Tensor2D = matMul(q, turned(x, block, parts.k, { less: mean }));
		const [scores, rows, kept] = [floatView(p), floatView(x), floatView(stats)];
		eachQuery(block, parts.q, (row, i, head) => {
			const lse = softmaxInPlace(scores.subarray(row * n, (row + 1) * n), seenBy(ranges, i, block));
			kept[2 * (i * H + head)] = lse + scoreOfMean(rows, i * W + head * D, mean, scale);
			kept[2 * (i * H + head) + 1] = 0;
		});
		unstack(matMul(p, stacked(x, block, parts.v)), o, block, parts.o);
	});
	return [o, stats, x];
}

/**
 * Turns scores into weights and `changes` into the gradient of the scores, in place. Both are [n, heads·n]
 * with keys in rows: p = e^(score − lse) divided by its sum, and p·(change − Σ p·change); zeros if a row does
 * not see a key. The sums use the same p, so the gradients of a row add up to 0.
 *
 * @param back [heads·n, n]: receives the transposed gradient
 */
function weighTurned(
	{ scores, changes, back }: Record<'scores' | 'changes' | 'back', Float32Array>,
	lse: Float64Array,
	ranges: Int32Array,
	{ start, end }: Block,
): void {
	const n = end - start;
	const columns = lse.length;
	const [sums, deltas] = [new Float64Array(columns), new Float64Array(columns)];
	/** Visits, for each key j, the entries of the rows that see it; a row is a column of the products. */
	const eachSeen = (visit: (from: number, to: number, column: number) => void): void => {
		for (let j = 0; j < n; j++) {
			const stop = (ranges[4 * (start + j) + 3] ?? 0) - start;
			for (let head = 0; head < columns; head += n)
				visit(j * columns + head + j, j * columns + head + stop, head + j);
		}
	};
	eachSeen((from, to, first) => {
		for (let at = from, column = first; at < to; at++, column++) {
			const e = Math.exp((scores[at] ?? 0) - (lse[column] ?? 0));
			scores[at] = e;
			sums[column] = (sums[column] ?? 0) + e;
		}
	});
	eachSeen((from, to, first) => {
		for (let at = from, column = first; at < to; at++, column++) {
			const p = (scores[at] ?? 0) / (sums[column] ?? 1);
			scores[at] = p;
			deltas[column] = (deltas[column] ?? 0) + p * (changes[at] ?? 0);
		}
	});
	back.fill(0);
	let done = 0;
	eachSeen((from, to, first) => {
		scores.fill(0, done, from);
		changes.fill(0, done, from);
		const key = Math.floor(from / columns);
		for (let at = from, column = first; at < to; at++, column++) {
			const change = (scores[at] ?? 0) * ((changes[at] ?? 0) - (deltas[column] ?? 0));
			changes[at] = change;
			back[column * n + key] = change;
		}
		done = to;
	});
	scores.fill(0, done);
	changes.fill(0, done);
}

/** @returns dqkv */
export function attentionGradStock(
	inputs: {
		dO: Tensor2D;
		rotated: Tensor2D;
		stats: Tensor2D;
		positions: Tensor1D;
		layout: Tensor2D;
	},
	config: AttentionConfig,
): Tensor2D {
	const { heads: H, headSize: D, scale } = config;
	const { dO, rotated: x, stats, positions } = inputs;
	const [T, W] = x.shape;
	const d = blank(T, W);
	const ranges = intView(inputs.layout).slice();
	eachBlock(ranges, config, (block, parts) => {
		const [meanKey, meanValue] = [meanOf(x, block, parts.k), meanOf(x, block, parts.v)];
		const keys = stacked(x, block, parts.k, { less: meanKey });
		const p: Tensor2D = matMul(keys, turned(x, block, parts.q, { scale }));
		const values = stacked(x, block, parts.v, { less: meanValue });
		const ds: Tensor2D = matMul(values, turned(dO, block, parts.o));
		const back = blank(axis(p, 1), axis(p, 0));
		const [rows, kept] = [floatView(x), floatView(stats)];
		const lse = new Float64Array(axis(p, 1));
		eachQuery(block, parts.q, (row, i, head) => {
			lse[row] = (kept[2 * (i * H + head)] ?? 0) - scoreOfMean(rows, i * W + head * D, meanKey, scale);
		});
		const weighed = { scores: floatView(p), changes: floatView(ds), back: floatView(back) };
		weighTurned(weighed, lse, ranges, block);
		unstack(matMul(p, stacked(dO, block, parts.o)), d, block, parts.v);
		unstack(matMul(ds, stacked(x, block, parts.q, { scale })), d, block, parts.k);
		unstack(matMul(back, keys), d, block, parts.q, scale);
	});
	rotateInPlace(floatView(d), intView(positions), floatView(config.rope), config, -1);
	return d;
}
