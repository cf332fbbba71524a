/** Embedding rows by token id. */
import { at } from '#core/math/at.ts';

/** x[t] = table[ids[t]]. */
export function embeddingReference(
	table: ArrayLike<number>,
	ids: ArrayLike<number>,
	C: number,
): Float64Array {
	return Float64Array.from({ length: ids.length * C }, (_, i) =>
		at(table, at(ids, Math.floor(i / C)) * C + (i % C)),
	);
}
