/** A packed batch on the device, in buffers that are written again and again: batches of one size share theirs. */
import { writeInPlace } from '#engine/memory.ts';
import { zeros, type Tensor1D, type Tensor2D } from '#engine/tensor.ts';
import { LAYOUT_WIDTH, type PackedBatch } from '#core/batch/pack.ts';
import type { PackedRows } from './decoder.ts';

export interface DeviceBatch extends PackedRows {
	/** [N] rows whose hidden state predicts, int32. */
	rows: Tensor1D;
	/** [N] what they predict, int32. */
	targets: Tensor1D;
	/** [N] segment of each, int32. */
	segment: Tensor1D;
	/** Count of segments, the one for padding included. */
	segments: number;
}

/**
 * Writes batches into buffers kept by size. A batch is valid until the next one of the same size and slot is written; the device works
 * in order, so a step that was recorded before is not disturbed.
 */
export class BatchBuffers {
	readonly #bySize = new Map<string, DeviceBatch>();

	/** @param slot batches that are recorded before one submit need a slot each: writing waits for what was recorded */
	write(batch: PackedBatch, slot = 0): DeviceBatch {
		const [T, N] = [batch.ids.length, batch.targets.length];
		const key = `${T} ${N} ${slot}`;
		const buffers = this.#bySize.get(key) ?? allocate(T, N);
		this.#bySize.set(key, buffers);
		writeInPlace(buffers.ids, batch.ids);
		writeInPlace(buffers.positions, batch.positions);
		writeInPlace(buffers.layout, batch.layout);
		writeInPlace(buffers.rows, batch.rows);
		writeInPlace(buffers.targets, batch.targets);
		writeInPlace(buffers.segment, batch.segment);
		return { ...buffers, segments: batch.segments };
	}

	dispose(): void {
		for (const { ids, positions, layout, rows, targets, segment } of this.#bySize.values()) {
			for (const tensor of [ids, positions, layout, rows, targets, segment]) tensor.dispose();
		}
		this.#bySize.clear();
	}
}

function allocate(T: number, N: number): DeviceBatch {
	const ints = (size: number): Tensor1D => zeros([size], 'int32');
	const layout: Tensor2D = zeros([T, LAYOUT_WIDTH], 'int32');
	return {
		ids: ints(T),
		positions: ints(T),
		layout,
		rows: ints(N),
		targets: ints(N),
		segment: ints(N),
		segments: 0,
	};
}
