/**
 * The kernel's table of a batch's segments: [S, 4] f32 with label, partner, length and weight; integers are
 * exact.
 */
import { countUnpaired, segmentAt, segmentsOf, type Segments } from '#core/batch/segments.ts';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { upload } from '../../memory.ts';

/** Columns of the table. */
export const SEGMENT_WIDTH = 4;

export interface SegmentTable {
	/** [S, 4] */
	readonly rows: Tensor2D;
	/** Segments without a partner. */
	readonly unpaired: number;
}

/** The inverse of {@link uploadSegments}, for host backends. */
export function readSegments(rows: Float32Array): Segments {
	return segmentsOf(
		Array.from({ length: rows.length / SEGMENT_WIDTH }, (_, s) => {
			const [label = 0, partner = 0, length = 0, weight = 0] = rows.subarray(s * SEGMENT_WIDTH);
			return { label, partner, length, weight };
		}),
	);
}

export function uploadSegments(segments: Segments): SegmentTable {
	const values = new Float32Array(segments.count * SEGMENT_WIDTH);
	for (let s = 0; s < segments.count; s++) {
		const { label, partner, length, weight } = segmentAt(segments, s);
		values.set([label, partner, length, weight], s * SEGMENT_WIDTH);
	}
	const rows = upload(values, [segments.count, SEGMENT_WIDTH]) as Tensor2D;
	return { rows, unpaired: countUnpaired(segments) };
}
