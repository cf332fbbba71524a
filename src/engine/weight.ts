/**
 * A frozen weight matrix as the kernels read it. One kind today; half and 4-bit weights join here.
 */
import { getBackend, keep, tidy, transpose, type Tensor2D } from '@tensorflow/tfjs-core';

/** `data` [N, K] f32: output row n, input column k, as in the model's files. */
export interface F32Weight {
	readonly kind: 'f32';
	readonly data: Tensor2D;
	/** [K, N], kept on host backends only, whose fast matmul takes no transposed operand. */
	readonly transposed: Tensor2D | null;
}

export type Weight = F32Weight;

/** Wraps a matrix [N, K]; owns `data` from then on (see {@link disposeWeight}). */
export function f32Weight(data: Tensor2D): F32Weight {
	const transposed = getBackend() === 'webgpu' ? null : tidy(() => keep(transpose(data)));
	return { kind: 'f32', data, transposed };
}

export function disposeWeight(weight: Weight): void {
	weight.data.dispose();
	weight.transposed?.dispose();
}

/** [K, N] of a weight: the kept copy, or one made for this call (inside a tidy). */
export function transposedOf(weight: Weight): Tensor2D {
	return weight.transposed ?? transpose(weight.data);
}
