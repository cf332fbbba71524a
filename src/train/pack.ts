/**
 * Packing for training: rounds sizes so that few differ, because buffers and bind groups are cached by size.
 */
import { packBatch, packedCounts, roundUp, type PackedBatch, type PackedCounts } from '#core/batch/pack.ts';
import type { TokenizedExample } from '#core/batch/tokenize.ts';

/** Rows must be a multiple of this. */
const SMALLEST_BUCKET = 16;

/**
 * A multiple for sizes near `count`: an eighth of the power of two below it, so at most 8 sizes per octave.
 */
export function bucketOf(count: number): number {
	return Math.max(SMALLEST_BUCKET, 2 ** Math.floor(Math.log2(Math.max(1, count))) / 8);
}

export function packForStep(examples: readonly TokenizedExample[]): PackedBatch {
	const { rows, targets } = packedCounts(examples);
	return packBatch(examples, { rowBucket: bucketOf(rows), targetBucket: bucketOf(targets) });
}

/** The sizes of {@link packForStep} without packing. */
export function shapeForStep(examples: readonly TokenizedExample[]): PackedCounts {
	const { rows, targets, segments } = packedCounts(examples);
	return { rows: roundUp(rows, bucketOf(rows)), targets: roundUp(targets, bucketOf(targets)), segments };
}
