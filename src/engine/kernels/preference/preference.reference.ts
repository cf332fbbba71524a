/** The objectives' gradient, as core gives it: f64. */
import { at } from '#core/math/at.ts';
import { objectiveOf } from '#core/loss/objectives/registry.ts';
import type { PreferenceOptions } from './options.ts';

/** ∂L/∂logps for interleaved sides: 2i is pair i's chosen, 2i + 1 its rejected, the last entry padding. */
export function preferenceGradReference(
	logps: ArrayLike<number>,
	reference: ArrayLike<number>,
	{ objective, beta, scale, meanChosenTokens }: PreferenceOptions,
): Float64Array {
	const { gradientOf } = objectiveOf(objective);
	const out = new Float64Array(logps.length);
	for (let i = 0; i + 2 < logps.length; i += 2) {
		const { chosen, rejected } = gradientOf({
			logp_w: at(logps, i),
			logp_l: at(logps, i + 1),
			ref_w: at(reference, i),
			ref_l: at(reference, i + 1),
			len_w: meanChosenTokens,
			len_l: meanChosenTokens,
			mean_len_w: meanChosenTokens,
			beta,
		});
		out[i] = chosen * scale;
		out[i + 1] = rejected * scale;
	}
	return out;
}
