/**
 * Typed access to private parts of tfjs's webgpu backend, and the patches that make it work with our buffer
 * pool.
 */
import { util, type DataType, type TensorInfo, type TypedArray } from '@tensorflow/tfjs-core';

/** A tensor in tfjs's backend: on the GPU, or values of the host that are not uploaded yet. */
export interface TensorData {
	resource?: GPUBuffer;
	values?: unknown;
	shape: number[];
}

/** Parts of tfjs's backend that its types hide; checked against 4.22.0, which is pinned. */
export interface BackendParts {
	device: GPUDevice;
	bufferManager: unknown;
	commandEncoder: GPUCommandEncoder | null;
	computePassEncoder: GPUComputePassEncoder | null;
	dispatchCountInPass: number;
	tensorMap: { get(dataId: object): TensorData };
	ensureCommandEncoderReady(): void;
	endComputePassEncoder(): void;
	submitQueue(): void;
	uploadToGPU(dataId: object): void;
	disposeData(dataId: object): boolean;
	makeTensorInfo(shape: number[], dtype: DataType): TensorInfo;
	read(dataId: object): Promise<TypedArray>;
	/** By key; holds a promise while the pipeline compiles. */
	pipelineCache: Record<string, unknown>;
}

/** Overrides two behaviours of tfjs that conflict with our pool. */
export function patchBackend(parts: BackendParts): void {
	// tfjs keeps a stock op's buffers until the submit. Our pool reuses buffers in recording order, so nothing
	// may be kept back.
	Object.defineProperty(parts, 'commandQueueOwnedIds', {
		get: () => NEVER_OWNED,
		set: () => undefined,
	});
	// tfjs reads the whole buffer, which may be larger than the tensor.
	const read = parts.read.bind(parts);
	parts.read = async (dataId) => {
		const size = util.sizeFromShape(parts.tensorMap.get(dataId).shape);
		return (await read(dataId)).subarray(0, size);
	};
}

const NEVER_OWNED = { add: () => undefined, has: () => false };
