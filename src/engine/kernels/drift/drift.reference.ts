/** The drift in f64. */
import { at } from '#core/math/at.ts';

/** before + scale·Σ_s (policy[s] − reference[s]) */
export function driftReference(
	policy: ArrayLike<number>,
	reference: ArrayLike<number>,
	before: number,
	scale: number,
): number {
	let ratio = 0;
	for (let s = 0; s < policy.length; s++) ratio += at(policy, s) - at(reference, s);
	return before + scale * ratio;
}
