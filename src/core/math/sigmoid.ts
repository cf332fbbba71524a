/** The logistic function and its logarithm, in f64, exact to rounding for any finite argument. */

/** σ(x) = 1 / (1 + e^−x). Never overflows. For 1 − σ(x) use σ(−x): it keeps its digits if σ(x) is near 1. */
export function sigmoid(x: number): number {
	if (x >= 0) return 1 / (1 + Math.exp(-x));
	const e = Math.exp(x);
	return e / (1 + e);
}

/** log σ(x) = −log(1 + e^−x), ≤ 0; close to x for large negative x, even when σ(x) underflows to 0. */
export function logSigmoid(x: number): number {
	return Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
}

/** σ′(x) = σ(x)·σ(−x), in (0, 1/4]. */
export function sigmoidSlope(x: number): number {
	return sigmoid(x) * sigmoid(-x);
}
