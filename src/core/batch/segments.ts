/**
 * Segments: the completions of a packed batch, one each, in the order of the examples.
 *
 * A preference pair is two segments that name each other as partner, chosen first; an unpaired example is one
 * segment without a partner. Padding tokens belong to no segment ({@link NO_SEGMENT}).
 */
import { at } from '../math/at.ts';

/** Values of `labels`, as in TRL's unpaired data: 1 for a desired completion. */
export const CHOSEN = 1;
export const REJECTED = 0;

/** Value of `partners` if the segment is unpaired. */
export const UNPAIRED = -1;

/** Segment of padding targets; kernels skip them. */
export const NO_SEGMENT = -1;

export interface Segments {
	/** S */
	readonly count: number;
	/** [S] {@link CHOSEN} or {@link REJECTED}. */
	readonly labels: Int32Array;
	/** [S] segment of the other completion of the pair, or {@link UNPAIRED}. */
	readonly partners: Int32Array;
	/** [S] tokens of the completion that are predicted. */
	readonly lengths: Int32Array;
	/** [S] factor of the example in the loss. */
	readonly weights: Float32Array;
}

/** One entry of {@link Segments}. */
export interface Segment {
	readonly label: number;
	readonly partner: number;
	readonly length: number;
	readonly weight: number;
}

export function segmentsOf(rows: readonly Segment[]): Segments {
	return {
		count: rows.length,
		labels: Int32Array.from(rows, ({ label }) => label),
		partners: Int32Array.from(rows, ({ partner }) => partner),
		lengths: Int32Array.from(rows, ({ length }) => length),
		weights: Float32Array.from(rows, ({ weight }) => weight),
	};
}

export function segmentAt({ labels, partners, lengths, weights }: Segments, s: number): Segment {
	return { label: at(labels, s), partner: at(partners, s), length: at(lengths, s), weight: at(weights, s) };
}

/** The segments of some batches, in order, as one list. */
export function joinSegments(batches: readonly Segments[]): Segments {
	const rows: Segment[] = [];
	for (const segments of batches) {
		const start = rows.length;
		for (let s = 0; s < segments.count; s++) {
			const row = segmentAt(segments, s);
			rows.push({ ...row, partner: row.partner === UNPAIRED ? UNPAIRED : start + row.partner });
		}
	}
	return segmentsOf(rows);
}

/** The segments of one example; null for the completion that an unpaired example lacks. */
export interface ExampleSegments {
	readonly chosen: number | null;
	readonly rejected: number | null;
}

/** The examples of a batch, in order. */
export function examplesOf(segments: Segments): ExampleSegments[] {
	const examples: ExampleSegments[] = [];
	for (let s = 0; s < segments.count; s++) {
		const { label, partner } = segmentAt(segments, s);
		// A pair is listed at the first of its segments.
		if (partner !== UNPAIRED && partner < s) continue;
		const other = partner === UNPAIRED ? null : partner;
		examples.push(label === CHOSEN ? { chosen: s, rejected: other } : { chosen: other, rejected: s });
	}
	return examples;
}

/** The pairs of a batch, each with its index among the examples. */
export function pairsOf(segments: Segments): { example: number; chosen: number; rejected: number }[] {
	return examplesOf(segments).flatMap(({ chosen, rejected }, example) =>
		chosen === null || rejected === null ? [] : [{ example, chosen, rejected }],
	);
}

export function countUnpaired({ partners }: Segments): number {
	return partners.reduce((count, partner) => count + (partner === UNPAIRED ? 1 : 0), 0);
}

/** Statistics of a whole step that an objective may read; the gradient does not flow through them. */
export interface StepStatistics {
	/** Mean length of the chosen segments; NaN if there are none. */
	mean_len_w: number;
}

/** @param batches all micro-batches of the step */
export function stepStatistics(batches: readonly Segments[]): StepStatistics {
	let chosen = 0;
	let tokens = 0;
	for (const { count, labels, lengths } of batches) {
		for (let s = 0; s < count; s++) {
			if (at(labels, s) !== CHOSEN) continue;
			chosen += 1;
			tokens += at(lengths, s);
		}
	}
	return { mean_len_w: tokens / chosen };
}
