/** Batches of segments for tests, without tokens. */
import { CHOSEN, REJECTED, segmentsOf, UNPAIRED, type Segments } from '#core/batch/segments.ts';

export interface SideLengths {
	chosen: ArrayLike<number>;
	rejected: ArrayLike<number>;
}

/** Pairs side by side: segment 2i is the chosen completion of pair i, 2i + 1 its rejected one. */
export function pairedSegments(lengths: SideLengths, weights?: SideLengths): Segments {
	return segmentsOf(
		Array.from(interleaved(lengths.chosen, lengths.rejected), (length, s) => ({
			label: s % 2 === 0 ? CHOSEN : REJECTED,
			partner: s % 2 === 0 ? s + 1 : s - 1,
			length,
			weight: weights === undefined ? 1 : interleaved(weights.chosen, weights.rejected)[s]!,
		})),
	);
}

/** The same completions, each as a separate example. */
export function withoutPartners(segments: Segments): Segments {
	return { ...segments, partners: segments.partners.map(() => UNPAIRED) };
}

/** [2N] values of the two lists in turn. */
export function interleaved(chosen: ArrayLike<number>, rejected: ArrayLike<number>): number[] {
	return Array.from(chosen).flatMap((value, i) => [value, rejected[i]!]);
}
