/**
 * Attention on host backends: a block of rows that see none but each other at a time, one key head at a time, as dense products of
 * which the masked part is not used. A product of tfjs's wasm does twenty times as much as loops in JavaScript in the same time.
 *
 * Products are f32, so keys lose their mean first: scores that all move by the same amount give the same weights, and what the keys of
 * a block have in common, as a bias of theirs, is not rounded into each of them. Between the products numbers are f64.
 *
 * The gradient has keys in rows and query rows in columns: of its five products two need the weights that way round, and a key is seen
 * by rows that follow one another.
 */
import { matMul, tidy, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { blank, floatView, intView } from '../../host/memory.ts';
import { axis } from '../../op.ts';
import type { AttentionConfig } from './config.ts';
import { blocksOf, meanOf, partsOf, stacked, turned, unstack, type Block, type Part } from './hostBlocks.ts';

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

/** Rows of one head's scores in a block: row `row` of the stack is query head `head` of row i. */
function eachQuery(
	{ start, end }: Block,
	{ at, size, heads }: Part,
	visit: (row: number, i: number, head: number) => void,
): void {
	const n = end - start;
	for (let row = 0; row < heads * n; row++) visit(row, start + (row % n), at / size + Math.floor(row / n));
}

/** What a query's scores against keys without their mean lack: q·mean/√D. `at` is where the query lies. */
function scoreOfMean(x: Float32Array, at: number, mean: Float64Array): number {
	let sum = 0;
	for (let c = 0; c < mean.length; c++) sum += (x[at + c] ?? 0) * (mean[c] ?? 0);
	return sum / Math.sqrt(mean.length);
}

/** @returns o, stats, rotated */
export function attentionStock(
	qkv: Tensor2D,
	positions: Tensor1D,
	layout: Tensor2D,
	config: AttentionConfig,
): Tensor2D[] {
	const { heads: H, headSize: D } = config;
	const [T, W] = qkv.shape;
	const [o, stats, x] = [blank(T, H * D), blank(T, 2 * H), blank(T, W)];
	floatView(x).set(floatView(qkv));
	rotateInPlace(floatView(x), intView(positions), floatView(config.rope), config, 1);
	const ranges = intView(layout).slice();
	eachBlock(ranges, config, (block, parts) => {
		const n = block.end - block.start;
		const mean = meanOf(x, block, parts.k);
		const q = stacked(x, block, parts.q, { scale: 1 / Math.sqrt(D) });
		const p: Tensor2D = matMul(q, turned(x, block, parts.k, { less: mean }));
		const [scores, rows, kept] = [floatView(p), floatView(x), floatView(stats)];
		eachQuery(block, parts.q, (row, i, head) => {
			const lse = softmaxInPlace(scores.subarray(row * n, (row + 1) * n), seenBy(ranges, i, block));
			kept[2 * (i * H + head)] = lse + scoreOfMean(rows, i * W + head * D, mean);
			kept[2 * (i * H + head) + 1] = 0;
		});
		unstack(matMul(p, stacked(x, block, parts.v)), o, block, parts.o);
	});
	return [o, stats, x];
}

/**
 * Weights in place of scores and their gradient in place of `changes`, both [n, heads·n] with keys in rows: p = e^(score − lse) over
 * its sum and p·(change − Σ p·change), zeros where a row does not see a key. The sums are taken from the same p: a row's gradients
 * add up to 0.
 *
 * @param back [heads·n, n]: takes the gradient turned back
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
	/** What rows that see key j do to the places of that key; a row is a column of the products. */
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
	const { heads: H, headSize: D } = config;
	const { dO, rotated: x, stats, positions } = inputs;
	const [T, W] = x.shape;
	const d = blank(T, W);
	const ranges = intView(inputs.layout).slice();
	const scale = 1 / Math.sqrt(D);
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
			lse[row] = (kept[2 * (i * H + head)] ?? 0) - scoreOfMean(rows, i * W + head * D, meanKey);
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
