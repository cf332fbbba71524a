/**
 * Floating-point operations that a training step needs, without an engine's extra work (recomputation,
 * padding).
 */
import { loraLayout } from '#core/adapter/layout.ts';
import { projectionShapes } from '#core/adapter/projections.ts';
import { packBatch, LAYOUT_WIDTH, type PackedBatch } from '#core/batch/pack.ts';
import { at } from '#core/math/at.ts';
import type { Workload } from '../workloads/workload.ts';

/** Number of keys that all rows see in total: the prompt's and their own. */
function visibleKeys({ layout, tokens }: PackedBatch): number {
	let sum = 0;
	for (let row = 0; row < tokens; row++) {
		const [start, end, own] = [0, 1, 2].map((column) => at(layout, row * LAYOUT_WIDTH + column));
		sum += (end ?? 0) - (start ?? 0) + row - (own ?? 0) + 1;
	}
	return sum;
}

/**
 * Operations of one step on packed rows T that share prompts, N predicted tokens, K visible keys: frozen
 * matrices 2·T·size forward and the same for the gradient of their input (none below the first block); LoRA 3
 * · 2·T·size; attention (4 + 8)·K·H·D per layer; the head 2 · 2·N·V·C. Norms, activations and the optimiser
 * are omitted: a hundredth of the rest.
 */
export function flopsOfStep({ config, adapter, batches }: Workload): number {
	const packed = packBatch(at(batches, 0), { rowBucket: 1, targetBucket: 1 });
	const { tokens: T, predicted: N } = packed;
	const { layers, heads, headDim, vocabSize, hiddenSize } = config;
	const shapes = projectionShapes(config);
	const block = shapes.reduce((sum, shape) => sum + shape.inFeatures * shape.outFeatures, 0);
	const first = at(shapes, 0);
	const frozen = 4 * T * block * layers - 2 * T * first.inFeatures * first.outFeatures;
	const lora = 6 * T * loraLayout(config, adapter.config).parameters;
	const attention = 12 * visibleKeys(packed) * heads * headDim * layers;
	const head = 4 * N * vocabSize * hiddenSize;
	return frozen + lora + attention + head;
}
