/** Device memory of a run, from shapes alone. */
import type { Decoder, Keep } from '#model/decoder.ts';
import type { DeviceLora } from '#model/lora.ts';

export interface EstimateShape {
	/** Packed rows and predicted tokens of the largest micro-batch. */
	rows: number;
	targets: number;
	accumulationSteps: number;
	keep: Exclude<Keep, 'none'>;
}

/**
 * Peak bytes of training: weights, the four flat lists of the adapter, what the forward pass keeps, and the widest moment of the
 * backward pass.
 *
 * @source checked against the pool's own count in tests/gpu/train.test.ts
 */
export function estimateBytes(model: Decoder, lora: DeviceLora, shape: EstimateShape): number {
	const { hiddenSize: C, intermediateSize: F, layers } = model.config;
	const { heads, kvHeads, headDim: D } = model.config;
	const width = (heads + 2 * kvHeads) * D;
	const ranks = lora.layout.slots
		.filter(({ layer }) => layer === 0)
		.reduce((sum, { aRows }) => sum + aRows, 0);
	const rope = model.positions * D;
	const adapter = 4 * lora.layout.size;
	/** Floats a row: block input; then two norms, the middle, q k v, o with its statistics, gate and up, their product. */
	const block = C + 3 * C + width + heads * D + 2 * heads + 3 * F + ranks;
	const kept = shape.keep === 'all' ? layers * block : layers * C + block;
	/** The last block's output and its norm, two gradients of C, and the widest gradient beside its source. */
	const moment = 4 * C + Math.max(3 * F, 2 * width);
	const batch = 6 * shape.rows + 6 * shape.targets;
	const floats = rope + adapter + shape.rows * (kept + moment) + shape.accumulationSteps * batch;
	return model.weights.bytes + 4 * floats;
}
