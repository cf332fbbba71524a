/**
 * Packing for training: rounds sizes so that few differ, because buffers and bind groups are cached by size.
 */
import { packBatch, type PackedBatch } from '#core/batch/pack.ts';
import { sidesOf, type TokenizedExample } from '#core/batch/tokenize.ts';

/** One micro-batch: packed rows, targets and segments. */
export interface BatchShape {
	rows: number;
	targets: number;
	segments: number;
}

/** Rows must be a multiple of this. */
const SMALLEST_BUCKET = 16;

/**
 * A multiple for sizes near `count`: an eighth of the power of two below it, so at most 8 sizes per octave.
 */
export function bucketOf(count: number): number {
	return Math.max(SMALLEST_BUCKET, 2 ** Math.floor(Math.log2(Math.max(1, count))) / 8);
}

export function packForStep(examples: readonly TokenizedExample[]): PackedBatch {
	const { rows, targets } = countsOf(examples);
	return packBatch(examples, { rowBucket: bucketOf(rows), targetBucket: bucketOf(targets) });
}

/** The sizes of {@link packForStep} without packing. */
export function shapeForStep(examples: readonly TokenizedExample[]): BatchShape {
	const { rows, targets, segments } = countsOf(examples);
	const roundUp = (count: number): number => Math.ceil(count / bucketOf(count)) * bucketOf(count);
	return { rows: roundUp(rows), targets: roundUp(targets), segments };
}

/**
 * Counts as core packs: the last token of a side is only a target; without a prompt its first is only a row.
 */
function countsOf(examples: readonly TokenizedExample[]): BatchShape {
	const counts = { rows: 0, targets: 0, segments: 0 };
	for (const example of examples) {
		const prompt = example.promptIds.length;
		counts.rows += prompt;
		for (const { ids } of sidesOf(example)) {
			const inputs = Math.max(0, ids.length - 1);
			counts.rows += inputs;
			counts.targets += prompt > 0 ? ids.length : inputs;
			counts.segments += 1;
		}
	}
	return counts;
}
