/** W + s·B·A by blocks, in f64. */
import { at } from '#core/math/at.ts';
import type { LoraReference } from '../linear/linear.reference.ts';

export function mergeLoraReference(
	w: ArrayLike<number>,
	{ N, K }: { N: number; K: number },
	{ a, b, rank, scaling, blocks }: LoraReference,
): Float64Array {
	const merged = Float64Array.from({ length: N * K }, (_, i) => at(w, i));
	let bRow = 0;
	for (const { rowStart, rowEnd, aRow } of blocks) {
		for (let n = rowStart; n < rowEnd; n++, bRow++) {
			for (let k = 0; k < K; k++) {
				let sum = 0;
				for (let r = 0; r < rank; r++) sum += at(b, bRow * rank + r) * at(a, (aRow + r) * K + k);
				merged[n * K + k] = at(merged, n * K + k) + scaling * sum;
			}
		}
	}
	return merged;
}
