/** Packing for training: sizes are rounded so that few differ, because buffers and bind groups are kept by size. */
import { packPairs, type PackedBatch } from '#core/batch/pack.ts';
import type { TokenizedPair } from '#core/batch/tokenize.ts';

/** Rows must be a multiple of this. */
const SMALLEST_BUCKET = 16;

/** A multiple for sizes near `count`: an eighth of the power of two below it, so at most 8 sizes an octave. */
export function bucketOf(count: number): number {
	return Math.max(SMALLEST_BUCKET, 2 ** Math.floor(Math.log2(Math.max(1, count))) / 8);
}

export function packForStep(pairs: readonly TokenizedPair[]): PackedBatch {
	let rows = 0;
	let targets = 0;
	for (const { promptIds, chosenIds, rejectedIds } of pairs) {
		targets += chosenIds.length + rejectedIds.length;
		rows += promptIds.length + chosenIds.length + rejectedIds.length;
	}
	return packPairs(pairs, { rowBucket: bucketOf(rows), targetBucket: bucketOf(targets) });
}
