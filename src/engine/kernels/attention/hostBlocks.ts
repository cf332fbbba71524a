/**
 * Attention's rows on host backends: cut into blocks that see none but themselves, and the heads' parts of them as matrices.
 *
 * Values are read and written in plain arrays, since a view of a tensor is void after the next product.
 */
import { tensor2d, type Tensor2D } from '@tensorflow/tfjs-core';
import type { AttentionConfig } from './config.ts';

/** Rows [start, end). */
export interface Block {
	readonly start: number;
	readonly end: number;
}

/** A product takes its time whatever its size: sequences shorter than this are taken together. */
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

/** The same columns of some heads side by side, in rows of a matrix. */
export interface Part {
	/** Columns of the whole matrix. */
	readonly width: number;
	/** First column of the first head. */
	readonly at: number;
	/** Columns of a head. */
	readonly size: number;
	/** From one head to the next. */
	readonly stride: number;
	readonly heads: number;
}

/** A block's rows of the heads, one head below the other: [heads·n, size]. */
export function stacked(from: Float32Array, { start, end }: Block, part: Part, scale = 1): Float32Array {
	const { width, at, size, stride, heads } = part;
	const rows = new Float32Array(heads * (end - start) * size);
	let to = 0;
	for (let h = 0; h < heads; h++) {
		for (let i = start; i < end; i++) {
			const row = i * width + at + h * stride;
			for (let c = 0; c < size; c++) rows[to++] = scale * (from[row + c] ?? 0);
		}
	}
	return rows;
}

/** Undoes {@link stacked}: each row back to where it came from, times `scale`. */
export function unstack(
	rows: Float32Array | Float64Array,
	into: Float32Array,
	{ start, end }: Block,
	part: Part,
	scale = 1,
): void {
	const { width, at, size, stride, heads } = part;
	let next = 0;
	for (let h = 0; h < heads; h++) {
		for (let i = start; i < end; i++) {
			const row = i * width + at + h * stride;
			for (let c = 0; c < size; c++) into[row + c] = scale * (rows[next++] ?? 0);
		}
	}
}

/** [rows, columns] to [columns, rows] as a tensor: tfjs's wasm multiplies ten times as fast where neither operand is transposed. */
export function turned(rows: Float32Array, columns: number): Tensor2D {
	const count = rows.length / columns;
	const out = new Float32Array(rows.length);
	for (let i = 0; i < count; i++) {
		for (let c = 0; c < columns; c++) out[c * count + i] = rows[i * columns + c] ?? 0;
	}
	return tensor2d(out, [columns, count]);
}

/** Takes the mean row off all rows, in place. @returns the mean */
export function centre(rows: Float32Array, columns: number): Float64Array {
	const mean = new Float64Array(columns);
	const count = rows.length / columns;
	for (let row = 0; row < rows.length; row += columns) {
		for (let c = 0; c < columns; c++) mean[c] = (mean[c] ?? 0) + (rows[row + c] ?? 0) / count;
	}
	for (let row = 0; row < rows.length; row += columns) {
		for (let c = 0; c < columns; c++) rows[row + c] = (rows[row + c] ?? 0) - (mean[c] ?? 0);
	}
	return mean;
}

/** q, k, v and o of one key head and the query heads that read it. */
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
