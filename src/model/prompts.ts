/** Prompts laid end to end for one forward pass: each row sees its own sequence up to itself. */
import { LAYOUT_WIDTH } from '#core/batch/pack.ts';

export interface PackedPrompts {
	/** [T]; padding rows hold 0 and see only themselves. */
	ids: Int32Array;
	positions: Int32Array;
	/** [T, 4]; see core/batch/pack.ts. */
	layout: Int32Array;
	/** [T] sequence of each row, −1 for padding. */
	sequences: Int32Array;
	/** [sequences] row of each sequence's last token. */
	lastRows: Int32Array;
}

export function packPrompts(prompts: readonly (readonly number[])[], bucket = 16): PackedPrompts {
	const tokens = prompts.reduce((sum, ids) => sum + ids.length, 0);
	const T = Math.max(bucket, Math.ceil(tokens / bucket) * bucket);
	const packed: PackedPrompts = {
		ids: new Int32Array(T),
		positions: new Int32Array(T),
		layout: new Int32Array(T * LAYOUT_WIDTH),
		sequences: new Int32Array(T).fill(-1),
		lastRows: new Int32Array(prompts.length),
	};
	let start = 0;
	for (const [sequence, ids] of prompts.entries()) {
		const end = start + ids.length;
		packed.ids.set(ids, start);
		packed.sequences.fill(sequence, start, end);
		packed.lastRows[sequence] = end - 1;
		for (let row = start; row < end; row++) {
			packed.positions[row] = row - start;
			packed.layout.set([start, start, start, end], row * LAYOUT_WIDTH);
		}
		start = end;
	}
	for (let row = start; row < T; row++) packed.layout.set([0, 0, row, row + 1], row * LAYOUT_WIDTH);
	return packed;
}
