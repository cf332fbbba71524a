/** Samples the next token of every row, in f64. */
import { at } from '#core/math/at.ts';
import { sampleToken } from '#core/output/sampleToken.ts';

/**
 * @param logits   [B, V]
 * @param settings [B, 2]: temperature, top-p
 * @param draws    [B], uniform in [0, 1)
 * @returns        [B] ids
 */
export function sampleTokensReference(
	logits: Float64Array,
	V: number,
	settings: ArrayLike<number>,
	draws: ArrayLike<number>,
): number[] {
	return Array.from({ length: draws.length }, (_, b) =>
		sampleToken(
			logits.subarray(b * V, (b + 1) * V),
			at(settings, 2 * b),
			at(settings, 2 * b + 1),
			at(draws, b),
		),
	);
}
