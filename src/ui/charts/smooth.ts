/**
 * Exponential moving average with bias correction, so that the first value is the first measurement.
 *
 * @param values gaps are null and stay gaps; the average continues after them
 * @param weight weight of the past, in [0, 1); 0 changes nothing
 */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
	let average = 0;
	let mass = 0;
	return values.map((value) => {
		if (value === null) return null;
		average = weight * average + (1 - weight) * value;
		mass = weight * mass + (1 - weight);
		return average / mass;
	});
}
