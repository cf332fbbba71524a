/** p-values of differences, and their correction where many are compared. */

/**
 * Two-sided p of a difference over its standard error, by the normal distribution. A difference without spread is certain:
 * p is 1 for none, and 0 for any.
 */
export function twoSidedP(difference: number, standardError: number): number {
	if (standardError === 0) return difference === 0 ? 1 : 0;
	return complementaryError(Math.abs(difference) / standardError / Math.SQRT2);
}

/**
 * Complementary error function for x ≥ 0, with a relative error below 1.2e-7.
 *
 * @source W. H. Press and others, Numerical Recipes in C, 2nd edition, `erfcc`
 */
export function complementaryError(x: number): number {
	const t = 1 / (1 + x / 2);
	const polynomial = COEFFICIENTS.reduceRight((sum, coefficient) => sum * t + coefficient, 0);
	return t * Math.exp(-x * x + polynomial);
}

const COEFFICIENTS = [
	-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
	-0.82215223, 0.17087277,
];

/** Below this, the corrected p of a difference counts as clear. */
export const CLEAR_P = 0.05;

/**
 * Holm's correction: the chance of any false difference among all of them stays below the level.
 *
 * @returns corrected p-values in the order of the given ones
 * @source S. Holm, A simple sequentially rejective multiple test procedure, 1979
 */
export function holm(ps: readonly number[]): readonly number[] {
	const order = ps.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
	const corrected = new Array<number>(ps.length).fill(1);
	let largest = 0;
	for (const [rank, { p, index }] of order.entries()) {
		largest = Math.max(largest, Math.min(1, p * (ps.length - rank)));
		corrected[index] = largest;
	}
	return corrected;
}
