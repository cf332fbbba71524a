/**
 * Views of a tensor's memory for the backends whose memory JavaScript can reach (wasm, cpu).
 *
 * The stock bodies use them when tfjs has no op: for in-place writes and for loops over ragged rows. A view
 * is valid until the next allocation (a growing wasm heap moves), so allocate outputs first, then take the
 * views, then loop.
 */
import { engine, tensor2d, type Tensor2D, type TensorInfo, type TypedArray } from '@tensorflow/tfjs-core';
import { AppError } from '#core/errors.ts';

interface HostBackend {
	/** Only on wasm. */
	typedArrayFromHeap?: (info: TensorInfo) => TypedArray;
	makeOutput?: (shape: number[], dtype: 'float32') => TensorInfo;
	/** Only on cpu. */
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

/** An uninitialised matrix, to be written through {@link floatView}; saves an array of zeros and its copy. */
export function blank(rows: number, columns: number): Tensor2D {
	const backend = engine().backend as unknown as HostBackend;
	// cpu also has a makeOutput, with other arguments.
	const heap = backend.typedArrayFromHeap !== undefined;
	const info = heap ? backend.makeOutput?.([rows, columns], 'float32') : undefined;
	if (info === undefined) return tensor2d(new Float32Array(rows * columns), [rows, columns]);
	return engine().makeTensorFromTensorInfo(info) as Tensor2D;
}

/** Copies some rows of a matrix, in the given order. tfjs's gather takes many times as long. */
export function rowsOf(x: Tensor2D, rows: ArrayLike<number>): Tensor2D {
	const C = x.shape[1];
	const some = blank(rows.length, C);
	const [from, to] = [floatView(x), floatView(some)];
	for (let i = 0; i < rows.length; i++) {
		const row = rows[i] ?? 0;
		to.set(from.subarray(row * C, (row + 1) * C), i * C);
	}
	return some;
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
