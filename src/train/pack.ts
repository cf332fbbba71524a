/** Packing for training: sizes are rounded so that few differ, because buffers and bind groups are kept by size. */
import { packPairs, type PackedBatch } from '#core/batch/pack.ts';
import type { TokenizedPair } from '#core/batch/tokenize.ts';

/** One micro-batch: packed rows, targets and segments. */
export interface BatchShape {
	rows: number;
	targets: number;
	segments: number;
}

/** Rows must be a multiple of this. */
const SMALLEST_BUCKET = 16;

/** A multiple for sizes near `count`: an eighth of the power of two below it, so at most 8 sizes an octave. */
export function bucketOf(count: number): number {
	return Math.max(SMALLEST_BUCKET, 2 ** Math.floor(Math.log2(Math.max(1, count))) / 8);
}

export function packForStep(pairs: readonly TokenizedPair[]): PackedBatch {
	const { rows, targets } = countsOf(pairs);
	return packPairs(pairs, { rowBucket: bucketOf(rows), targetBucket: bucketOf(targets) });
}

/** The sizes of {@link packForStep} without packing. */
export function shapeForStep(pairs: readonly TokenizedPair[]): BatchShape {
	const { rows, targets } = countsOf(pairs);
	const roundUp = (count: number): number => Math.ceil(count / bucketOf(count)) * bucketOf(count);
	return { rows: roundUp(rows), targets: roundUp(targets), segments: 2 * pairs.length + 1 };
}

/** As core packs: the last token of a side is only a target; without a prompt its first is only a row. */
function countsOf(pairs: readonly TokenizedPair[]): { rows: number; targets: number } {
	let rows = 0;
	let targets = 0;
	for (const { promptIds, chosenIds, rejectedIds } of pairs) {
		rows += promptIds.length;
		for (const side of [chosenIds, rejectedIds]) {
			rows += Math.max(0, side.length - 1);
			targets += promptIds.length > 0 ? side.length : Math.max(0, side.length - 1);
		}
	}
	return { rows, targets };
}
