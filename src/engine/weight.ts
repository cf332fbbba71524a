/**
 * A frozen weight matrix as the kernels read it: f32, or f16 for half the memory and half the traffic. The
 * kernels compute in f32 either way. 4-bit weights would be added here.
 */
import { getBackend, keep, tensor2d, tidy, transpose, type Tensor2D } from '@tensorflow/tfjs-core';
import { widenHalf } from '#core/format/float16.ts';
import { axis } from './op.ts';
import { recorder } from './gpu/record.ts';
import type { WeightType } from './gpu/wgsl.ts';

/** `data` [N, K] f32: output row n, input column k, as in the model's files. */
export interface F32Weight {
	readonly kind: 'f32';
	readonly data: Tensor2D;
	/** [K, N], kept only on host backends, whose fast matmul takes no transposed operand. */
	readonly transposed: Tensor2D | null;
}

/** `data` [N, K/2] int32: two f16 per number, the first in the lower half. Only on webgpu. */
export interface F16Weight {
	readonly kind: 'f16';
	readonly data: Tensor2D;
	readonly transposed: null;
}

export type Weight = F32Weight | F16Weight;

/** Wraps a matrix [N, K] and takes ownership of `data` (see {@link disposeWeight}). */
export function f32Weight(data: Tensor2D): F32Weight {
	const transposed = getBackend() === 'webgpu' ? null : tidy(() => keep(transpose(data)));
	return { kind: 'f32', data, transposed };
}

/**
 * A matrix [N, K] from IEEE binary16 bits, K even. Host backends have no f16, so they store the same values
 * as f32.
 */
export function f16Weight(bits: Uint16Array, N: number, K: number): Weight {
	if (getBackend() !== 'webgpu') return f32Weight(tensor2d(widenHalf(bits), [N, K]));
	const pairs = new Int32Array(bits.slice().buffer);
	return { kind: 'f16', data: tensor2d(pairs, [N, K / 2], 'int32'), transposed: null };
}

/** [N, K] */
export function weightShape({ kind, data }: Weight): [N: number, K: number] {
	return [axis(data, 0), axis(data, 1) * (kind === 'f16' ? 2 : 1)];
}

/** Bytes on the device. */
export function weightBytes({ data, transposed }: Weight): number {
	return 4 * data.size * (transposed === null ? 1 : 2);
}

/** Binding type of the weight on the current device. */
export function weightType({ kind }: Weight): WeightType {
	if (kind === 'f32') return 'vec4f';
	return recorder().halves ? 'vec4h' : 'vec2u';
}

export function disposeWeight(weight: Weight): void {
	weight.data.dispose();
	weight.transposed?.dispose();
}

/** [K, N] of a weight: the kept copy, or a new one made for this call (inside a tidy). */
export function transposedOf(weight: Weight): Tensor2D {
	return weight.transposed ?? transpose(weight.data);
}
