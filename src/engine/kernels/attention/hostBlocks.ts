/**
 * Splits attention's rows into blocks that see only themselves, for host backends, and copies the heads'
 * parts of a block to matrices.
 *
 * A view of a tensor becomes invalid when another tensor is allocated, so each function allocates its results
 * first.
 */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { blank, floatView } from '../../host/memory.ts';
import type { AttentionConfig } from './config.ts';

/** Rows [start, end). */
export interface Block {
	readonly start: number;
	readonly end: number;
}

/** A product has a fixed cost, so shorter sequences share a block. */
const LEAST_ROWS = 32;

/** @param layout [T, 4]; see attention.ts */
export function blocksOf(layout: Int32Array): Block[] {
	const T = layout.length / 4;
	const blocks: Block[] = [];
	let start = 0;
	let seenUntil = 0;
	for (let i = 0; i < T; i++) {
		seenUntil = Math.max(seenUntil, layout[4 * i + 3] ?? 0);
		const end = i + 1;
		if (end < T && (seenUntil > end || end - start < LEAST_ROWS)) continue;
		blocks.push({ start, end });
		start = end;
	}
	return blocks;
}

/** The same columns of several heads, side by side in the rows of a matrix. */
export interface Part {
	/** Columns of the whole matrix. */
	readonly width: number;
	/** First column of the first head. */
	readonly at: number;
	/** Columns of a head. */
	readonly size: number;
	/** Columns from one head to the next. */
	readonly stride: number;
	readonly heads: number;
}

/** Change of a part's numbers while they are copied. */
export interface Change {
	readonly scale?: number;
	/** [size]: subtracted from every row before scaling. */
	readonly less?: Float64Array;
}

/** A block's rows of the heads, one head below the other: [heads·n, size]. */
export function stacked(from: Tensor2D, block: Block, part: Part, change: Change = {}): Tensor2D {
	const rows = blank(part.heads * (block.end - block.start), part.size);
	copyPart(floatView(from), floatView(rows), block, part, { ...change, row: part.size, column: 1 });
	return rows;
}

/**
 * The transpose of {@link stacked}, [size, heads·n]: tfjs's wasm multiplies ten times as fast if neither
 * operand is transposed.
 */
export function turned(from: Tensor2D, block: Block, part: Part, change: Change = {}): Tensor2D {
	const count = part.heads * (block.end - block.start);
	const columns = blank(part.size, count);
	copyPart(floatView(from), floatView(columns), block, part, { ...change, row: 1, column: count });
	return columns;
}

/** @param to strides in `into`: `row` between rows, `column` between columns */
function copyPart(
	from: Float32Array,
	into: Float32Array,
	{ start, end }: Block,
	{ width, at, size, stride, heads }: Part,
	to: Change & { row: number; column: number },
): void {
	const { scale = 1, less, row, column } = to;
	let first = 0;
	for (let h = 0; h < heads; h++) {
		for (let i = start; i < end; i++, first += row) {
			const source = i * width + at + h * stride;
			for (let c = 0; c < size; c++) {
				into[first + c * column] = scale * ((from[source + c] ?? 0) - (less?.[c] ?? 0));
			}
		}
	}
}

/** Inverse of {@link stacked}: copies each row back to its place, times `scale`. */
export function unstack(
	rows: Tensor2D,
	into: Tensor2D,
	{ start, end }: Block,
	{ width, at, size, stride, heads }: Part,
	scale = 1,
): void {
	const [from, to] = [floatView(rows), floatView(into)];
	let next = 0;
	for (let h = 0; h < heads; h++) {
		for (let i = start; i < end; i++) {
			const target = i * width + at + h * stride;
			for (let c = 0; c < size; c++) to[target + c] = scale * (from[next++] ?? 0);
		}
	}
}

/** The mean of a block's rows of one head [size]. */
export function meanOf(from: Tensor2D, { start, end }: Block, { width, at, size }: Part): Float64Array {
	const mean = new Float64Array(size);
	const values = floatView(from);
	for (let i = start; i < end; i++) {
		for (let c = 0; c < size; c++) mean[c] = (mean[c] ?? 0) + (values[i * width + at + c] ?? 0);
	}
	return mean.map((sum) => sum / (end - start));
}

/** The parts q, k, v and o of one key head and of the query heads that read it. */
export function partsOf({ heads, kvHeads, headSize: D }: AttentionConfig, head: number) {
	const group = heads / kvHeads;
	const width = (heads + 2 * kvHeads) * D;
	return {
		q: { width, at: head * group * D, size: D, stride: D, heads: group },
		k: { width, at: (heads + head) * D, size: D, stride: D, heads: 1 },
		v: { width, at: (heads + kvHeads + head) * D, size: D, stride: D, heads: 1 },
		o: { width: heads * D, at: head * group * D, size: D, stride: D, heads: group },
	} as const;
}
