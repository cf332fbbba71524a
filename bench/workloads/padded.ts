/**
 * A batch as trainers without packing see it: chosen rows, then rejected rows, padded to the longest, in the
 * order of TRL's collator.
 */
import type { TokenizedPair } from '#core/batch/tokenize.ts';

export interface PaddedBatch {
	/** 2 · pairs. */
	rows: number;
	/** Tokens of the longest row. */
	tokens: number;
	/** [rows, tokens]; padding is 0 and at the right, where causal attention never sees it. */
	ids: Int32Array;
	/** [rows] tokens that are not padding. */
	lengths: Int32Array;
	/**
	 * [rows, tokens] each: the next token of each position, and a mask that is 1 if that token belongs to the
	 * completion.
	 */
	labels: Int32Array;
	mask: Float32Array;
}

export function padPairs(pairs: readonly TokenizedPair[]): PaddedBatch {
	const sides = [
		...pairs.map(({ promptIds, chosenIds }) => ({ promptIds, ids: [...promptIds, ...chosenIds] })),
		...pairs.map(({ promptIds, rejectedIds }) => ({ promptIds, ids: [...promptIds, ...rejectedIds] })),
	];
	const tokens = Math.max(...sides.map(({ ids }) => ids.length));
	const rows = sides.length;
	const batch: PaddedBatch = {
		rows,
		tokens,
		ids: new Int32Array(rows * tokens),
		lengths: Int32Array.from(sides, ({ ids }) => ids.length),
		labels: new Int32Array(rows * tokens),
		mask: new Float32Array(rows * tokens),
	};
	sides.forEach(({ promptIds, ids }, row) => {
		batch.ids.set(ids, row * tokens);
		batch.labels.set(ids.slice(1), row * tokens);
		batch.mask.fill(1, row * tokens + promptIds.length - 1, row * tokens + ids.length - 1);
	});
	return batch;
}
