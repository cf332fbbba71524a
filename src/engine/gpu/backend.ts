/** What tfjs's webgpu backend is to us: its private parts by name, and where it is made to fit our pool of buffers. */
import { util, type DataType, type TensorInfo, type TypedArray } from '@tensorflow/tfjs-core';

/** The parts of tfjs's backend that are private to its types; checked against 4.22.0, which is pinned. */
export interface BackendParts {
	device: GPUDevice;
	bufferManager: unknown;
	commandEncoder: GPUCommandEncoder | null;
	computePassEncoder: GPUComputePassEncoder | null;
	dispatchCountInPass: number;
	tensorMap: { get(dataId: object): { resource?: GPUBuffer; shape: number[] } };
	ensureCommandEncoderReady(): void;
	endComputePassEncoder(): void;
	submitQueue(): void;
	uploadToGPU(dataId: object): void;
	disposeData(dataId: object): boolean;
	makeTensorInfo(shape: number[], dtype: DataType): TensorInfo;
	read(dataId: object): Promise<TypedArray>;
	/** By key, a promise while it compiles. */
	pipelineCache: Record<string, unknown>;
}

/** Two ways of tfjs that do not fit our pool. */
export function patchBackend(parts: BackendParts): void {
	// It keeps what a stock op used until the submit; the pool hands memory on in the order of recording, so nothing must wait.
	Object.defineProperty(parts, 'commandQueueOwnedIds', {
		get: () => NEVER_OWNED,
		set: () => undefined,
	});
	// It reads the whole buffer, which may be larger than the tensor.
	const read = parts.read.bind(parts);
	parts.read = async (dataId) => {
		const size = util.sizeFromShape(parts.tensorMap.get(dataId).shape);
		return (await read(dataId)).subarray(0, size);
	};
}

const NEVER_OWNED = { add: () => undefined, has: () => false };
