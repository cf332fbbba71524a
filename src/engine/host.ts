/**
 * Views of a tensor's memory for the backends that keep it where JavaScript can reach (wasm, cpu).
 *
 * Used by the stock bodies for what tfjs has no op for: writing in place, and loops over ragged rows. A view is valid until the
 * next allocation (a growing wasm heap moves), so allocate outputs first, then take the views, then loop.
 */
import { engine, tensor2d, type Tensor2D, type TensorInfo, type TypedArray } from '@tensorflow/tfjs-core';
import { AppError } from '#core/errors.ts';

interface HostBackend {
	typedArrayFromHeap?: (info: TensorInfo) => TypedArray;
	data?: { get(dataId: object): { values: TypedArray } };
}

/**
 * The live values of a float32 tensor. Writing to it changes the tensor.
 *
 * On the cpu backend a tensor made from a Float32Array shares that array.
 *
 * @throws AppError on webgpu, whose memory the host cannot see
 */
export function floatView(info: TensorInfo): Float32Array {
	const view = liveView(info);
	if (view instanceof Float32Array) return view;
	throw wrongType(info, 'float32');
}

/** The live values of an int32 tensor; see {@link floatView}. */
export function intView(info: TensorInfo): Int32Array {
	const view = liveView(info);
	if (view instanceof Int32Array) return view;
	throw wrongType(info, 'int32');
}

/** Columns [start, start + width) of a matrix, copied. tfjs's slice and split copy the whole matrix for each part. */
export function columnsOf(x: Tensor2D, start: number, width: number): Tensor2D {
	const [T, C] = x.shape;
	const from = floatView(x);
	const part = new Float32Array(T * width);
	for (let t = 0; t < T; t++) part.set(from.subarray(t * C + start, t * C + start + width), t * width);
	return tensor2d(part, [T, width]);
}

/** Some rows of a matrix, in the order asked for, copied. tfjs's gather takes many times as long. */
export function rowsOf(x: Tensor2D, rows: ArrayLike<number>): Tensor2D {
	const C = x.shape[1];
	const from = floatView(x);
	const some = new Float32Array(rows.length * C);
	for (let i = 0; i < rows.length; i++) {
		const row = rows[i] ?? 0;
		some.set(from.subarray(row * C, (row + 1) * C), i * C);
	}
	return tensor2d(some, [rows.length, C]);
}

function liveView(info: TensorInfo): TypedArray {
	const backend = engine().backend as unknown as HostBackend;
	if (backend.typedArrayFromHeap !== undefined) return backend.typedArrayFromHeap(info);
	if (backend.data !== undefined) return backend.data.get(info.dataId).values;
	throw new AppError(`The backend "${engine().backendName}" has no memory that the host can see.`, {
		code: 'no-host-view',
	});
}

function wrongType(info: TensorInfo, wanted: string): AppError {
	return new AppError(`Wanted a ${wanted} tensor, got ${info.dtype} [${info.shape.join(', ')}].`, {
		code: 'wrong-dtype',
	});
}
