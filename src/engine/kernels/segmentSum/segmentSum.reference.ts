/** Sums by segment in f64. */
import { at } from '#core/math/at.ts';

/** sums[s] = Σ values[n] over n with segment[n] = s; a segment outside [0, count) is skipped. */
export function segmentSumReference(
	values: ArrayLike<number>,
	segment: ArrayLike<number>,
	count: number,
): Float64Array {
	const sums = new Float64Array(count);
	for (let n = 0; n < values.length; n++) {
		const s = at(segment, n);
		if (s >= 0 && s < count) sums[s] = at(sums, s) + at(values, n);
	}
	return sums;
}

/** Gradient of the sum: dvalues[n] = dsums[segment[n]], 0 if skipped. */
export function segmentGatherReference(dsums: ArrayLike<number>, segment: ArrayLike<number>): Float64Array {
	return Float64Array.from(segment, (s) => (s >= 0 && s < dsums.length ? at(dsums, s) : 0));
}
