/** A packed batch on the device. */
import { upload } from '#engine/memory.ts';
import type { Tensor1D, Tensor2D } from '#engine/tensor.ts';
import { LAYOUT_WIDTH, type PackedBatch } from '#core/batch/pack.ts';
import type { PackedRows } from './decoder.ts';

export interface DeviceBatch extends PackedRows {
	/** [N] int32: row whose hidden state predicts each target. */
	rows: Tensor1D;
	/** [N] int32: predicted token ids. */
	targets: Tensor1D;
	/** [N] segment of each, int32; −1 for padding. */
	segment: Tensor1D;
	/** Count of segments. */
	segments: number;
}

/**
 * Uploads a batch. If several batches are recorded before one submit, upload all of them first: an upload
 * submits the recorded commands.
 */
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

/** Call after all its readers are recorded. */
export function disposeBatch({ ids, positions, layout, rows, targets, segment }: DeviceBatch): void {
	for (const tensor of [ids, positions, layout, rows, targets, segment]) tensor.dispose();
}
