/** The objectives' gradient in f64, computed by core. */
import { segmentGradients, type SegmentLogps } from '#core/loss/batchLoss.ts';
import type { PreferenceOptions } from './options.ts';

/** ∂(scale·Σ L)/∂logps [S]. */
export function preferenceGradReference(
	logps: SegmentLogps,
	{ objective, step, scale }: PreferenceOptions,
): Float64Array {
	return segmentGradients(objective, step, logps).map((gradient) => scale * gradient);
}
