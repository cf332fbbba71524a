/**
 * A frozen weight matrix as the kernels read it: in f32, or in the format of its file for less memory and
 * traffic. The kernels compute in f32 either way.
 */
import { getBackend, keep, tensor2d, tidy, transpose, type Tensor2D } from '@tensorflow/tfjs-core';
import {
	asFloats,
	formatOf,
	PACKING,
	wordsOf,
	type NumberFormat,
	type StoredNumbers,
} from '#core/format/numberFormat.ts';
import { axis } from './op.ts';
import { recorder } from './gpu/record.ts';
import type { WeightType } from './gpu/weightReads.ts';

/** `data` [N, K] f32: output row n, input column k, as in the model's files. */
export interface F32Weight {
	readonly kind: 'f32';
	readonly data: Tensor2D;
	/** N, if rows of zeros follow in `data`. */
	readonly rows?: number;
	/** [K, N], kept only on host backends, whose fast matmul takes no transposed operand. */
	readonly transposed: Tensor2D | null;
}

/** `data` [N, words of a row] int32; see core/format/numberFormat.ts. Only on webgpu. */
export interface PackedWeight {
	readonly kind: Exclude<NumberFormat, 'f32'>;
	readonly data: Tensor2D;
	/** N, if rows of zeros follow in `data`. */
	readonly rows?: number;
	readonly transposed: null;
}

export type Weight = F32Weight | PackedWeight;

/** Wraps a matrix [N, K] and takes ownership of `data` (see {@link disposeWeight}). */
export function f32Weight(data: Tensor2D): F32Weight {
	const transposed = getBackend() === 'webgpu' ? null : tidy(() => keep(transpose(data)));
	return { kind: 'f32', data, transposed };
}

/**
 * A matrix [N, K] in the format of its numbers; K is a multiple of 2 in 16-bit formats and of 32 in blocks. Host
 * backends compute in f32 only and store the same values as f32.
 *
 * Programs read four rows at once. Rows of zeros fill the last four, because a zero times an arbitrary value may
 * be no number.
 */
export function storedWeight(stored: StoredNumbers, N: number, K: number): Weight {
	const kind = formatOf(stored);
	if (getBackend() !== 'webgpu') return f32Weight(tensor2d(asFloats(stored), [N, K], 'float32'));
	const rows = Math.ceil(N / 4) * 4;
	const shape: [number, number] = [rows, wordsOf(kind, K)];
	const words = wordsFilledUp(stored, rows * wordsOf(kind, K));
	if (words instanceof Float32Array) {
		return { kind: 'f32', data: tensor2d(words, shape, 'float32'), rows: N, transposed: null };
	}
	return {
		kind: kind as PackedWeight['kind'],
		data: tensor2d(words, shape, 'int32'),
		rows: N,
		transposed: null,
	};
}

/** The words of f32 or of a packed format, with zeros after them; words that need none are not copied. */
function wordsFilledUp({ data }: StoredNumbers, length: number): Float32Array | Int32Array {
	const isFloat = data instanceof Float32Array;
	if (isFloat && data.length === length) return data;
	if (!isFloat && data.byteLength === 4 * length && data.byteOffset % 4 === 0)
		return new Int32Array(data.buffer, data.byteOffset, length);
	const words = isFloat ? new Float32Array(length) : new Int32Array(length);
	new Uint8Array(words.buffer).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
	return words;
}

/** [N, K] */
export function weightShape({ kind, data, rows }: Weight): [N: number, K: number] {
	const { numbers, words } = PACKING[kind];
	return [rows ?? axis(data, 0), (axis(data, 1) / words) * numbers];
}

/** Bytes on the device. */
export function weightBytes({ data, transposed }: Weight): number {
	return 4 * data.size * (transposed === null ? 1 : 2);
}

/** Binding type of the weight on the current device. */
export function weightType({ kind }: Weight): WeightType {
	if (kind === 'f32') return 'vec4f';
	if (kind === 'f16') return recorder().halves ? 'vec4h' : 'vec2u';
	return kind;
}

export function disposeWeight(weight: Weight): void {
	weight.data.dispose();
	weight.transposed?.dispose();
}

/** [K, N] of a weight: the kept copy, or a new one made for this call (inside a tidy). */
export function transposedOf(weight: Weight): Tensor2D {
	return weight.transposed ?? transpose(weight.data);
}
