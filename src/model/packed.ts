/** A packed batch on the device. */
import { upload } from '#engine/memory.ts';
import type { Tensor1D, Tensor2D } from '#engine/tensor.ts';
import { LAYOUT_WIDTH, type PackedBatch } from '#core/batch/pack.ts';
import type { PackedRows } from './decoder.ts';

export interface DeviceBatch extends PackedRows {
	/** [N] rows whose hidden state predicts, int32. */
	rows: Tensor1D;
	/** [N] what they predict, int32. */
	targets: Tensor1D;
	/** [N] segment of each, int32; −1 for padding. */
	segment: Tensor1D;
	/** Count of segments. */
	segments: number;
}

/** Batches that are recorded before one submit are uploaded before the first of them: an upload submits what was recorded. */
export function uploadBatch(batch: PackedBatch): DeviceBatch {
	const ints = (values: Int32Array): Tensor1D => upload(values, [values.length]) as Tensor1D;
	return {
		ids: ints(batch.ids),
		positions: ints(batch.positions),
		layout: upload(batch.layout, [batch.ids.length, LAYOUT_WIDTH]) as Tensor2D,
		rows: ints(batch.rows),
		targets: ints(batch.targets),
		segment: ints(batch.segment),
		segments: batch.segments.count,
	};
}

/** Once all that reads it is recorded. */
export function disposeBatch({ ids, positions, layout, rows, targets, segment }: DeviceBatch): void {
	for (const tensor of [ids, positions, layout, rows, targets, segment]) tensor.dispose();
}
