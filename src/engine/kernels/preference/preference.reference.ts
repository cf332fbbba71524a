/** The objectives' gradient, as core gives it: f64. */
import { examplesOf, type Segments } from '#core/batch/segments.ts';
import { exampleGradient, exampleValues } from '#core/loss/example.ts';
import type { PreferenceOptions } from './options.ts';

/** ∂(scale·Σ L)/∂logps [S]. */
export function preferenceGradReference(
	logps: ArrayLike<number>,
	reference: ArrayLike<number>,
	segments: Segments,
	{ objective, step, scale }: PreferenceOptions,
): Float64Array {
	const dlogps = new Float64Array(segments.count);
	for (const example of examplesOf(segments)) {
		const values = exampleValues(segments, logps, reference, example);
		const { chosen, rejected } = exampleGradient(objective, step, values);
		if (example.chosen !== null) dlogps[example.chosen] = scale * chosen;
		if (example.rejected !== null) dlogps[example.rejected] = scale * rejected;
	}
	return dlogps;
}
