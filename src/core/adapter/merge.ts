/**
 * Merging: W' = W + strength · (alpha / rank) · B·A, in f32 like PEFT, accumulated in f64. Needed for engines
 * that cannot apply an adapter at run time, and for adapters whose rank exceeds the compiled one.
 */
import { ShapeError } from '../errors.ts';
import { at } from '../math/at.ts';
import type { ModelConfig } from '../model/model.ts';
import { type Adapter, type LoraMatrices, scalingOf } from './adapter.ts';
import { type FusedProjection, projectionShapes } from './projections.ts';

/**
 * Adds scale·B·A to a block of rows of a weight matrix, in place.
 *
 * @param weight   [rows, in] row-major, changed
 * @param rowStart first row of the block
 * @param scale    strength · alpha / rank
 */
export function addDelta(weight: Float32Array, matrices: LoraMatrices, scale: number, rowStart = 0): void {
	const { loraA, loraB, inFeatures, outFeatures } = matrices;
	const rank = loraA.length / inFeatures;
	const row = new Float64Array(inFeatures);
	for (let n = 0; n < outFeatures; n++) {
		row.fill(0);
		for (let j = 0; j < rank; j++) {
			const b = at(loraB, n * rank + j);
			for (let k = 0; k < inFeatures; k++) row[k] = (row[k] ?? 0) + b * (loraA[j * inFeatures + k] ?? 0);
		}
		const start = (rowStart + n) * inFeatures;
		for (let k = 0; k < inFeatures; k++) weight[start + k] = (weight[start + k] ?? 0) + scale * (row[k] ?? 0);
	}
}

/**
 * A copy of one module's weight with the adapter merged in.
 *
 * @param weight [out, in] row-major
 * @throws ShapeError if the weight has another size
 * @golden model-*\/merge.json
 */
export function mergeAdapter(
	weight: Float32Array,
	matrices: LoraMatrices,
	scaling: number,
	strength = 1,
): Float32Array<ArrayBuffer> {
	const expected = matrices.outFeatures * matrices.inFeatures;
	if (weight.length !== expected) {
		throw new ShapeError(
			`Layer ${matrices.layer} ${matrices.module} has ${weight.length} weights; expected ${expected}.`,
			{
				code: 'merge-shape',
			},
		);
	}
	const merged = new Float32Array(weight);
	addDelta(merged, matrices, strength * scaling);
	return merged;
}

/** A copy of a fused projection's weight [outFeatures, inFeatures] with all adapted parts merged in. */
export function mergeFused(
	weight: Float32Array,
	adapter: Adapter,
	config: ModelConfig,
	place: { layer: number; projection: FusedProjection },
	strength = 1,
): Float32Array<ArrayBuffer> {
	const merged = new Float32Array(weight);
	const shape = projectionShapes(config).find(({ projection }) => projection === place.projection);
	const expected = (shape?.outFeatures ?? 0) * (shape?.inFeatures ?? 0);
	if (shape === undefined || weight.length !== expected) {
		throw new ShapeError(
			`Layer ${place.layer} ${place.projection} has ${weight.length} weights; expected ${expected}.`,
			{
				code: 'merge-shape',
			},
		);
	}
	for (const { module, rowStart } of shape.parts) {
		const matrices = adapter.matrices.find((m) => m.layer === place.layer && m.module === module);
		if (matrices !== undefined) addDelta(merged, matrices, strength * scalingOf(adapter.config), rowStart);
	}
	return merged;
}
