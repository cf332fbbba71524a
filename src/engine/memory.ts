/**
 * Memory across backends: in-place writes, reads that do not wait, the end of a step, leak counters.
 */
import { engine, memory, tensor, tidy, zeros, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { floatView, intView } from './host/memory.ts';
import type { Counters } from './gpu/counters.ts';
import { maybeRecorder, type Compilation } from './gpu/record.ts';
import type { Rehearsal } from './gpu/rehearsal.ts';

/** What is held now. On webgpu bytes are those of GPU buffers, on host backends those of tensors. */
export interface MemoryReport {
	tensors: number;
	/** Data buffers that tensors stand on; several tensors may share one. */
	buffers: number;
	bytesUsed: number;
	/** Includes free buffers that wait for reuse. */
	bytesAllocated: number;
	/** Highest bytesAllocated since {@link resetPeak} (webgpu), or bytesUsed (host). */
	peakBytes: number;
	/** Bytes of the tensors themselves; a GPU buffer may be larger than the tensor in it. */
	liveBytes: number;
	/** Highest liveBytes since {@link resetPeakLive} (webgpu), or bytesUsed (host). */
	peakLiveBytes: number;
}

export function memoryReport(): MemoryReport {
	const { numTensors, numDataBuffers, numBytes } = memory();
	const pool = maybeRecorder()?.pool.report();
	return {
		tensors: numTensors,
		buffers: numDataBuffers,
		bytesUsed: pool?.bytesUsed ?? numBytes,
		bytesAllocated: pool?.bytesAllocated ?? numBytes,
		peakBytes: pool?.peakBytes ?? numBytes,
		liveBytes: pool?.liveBytes ?? numBytes,
		peakLiveBytes: pool?.peakLiveBytes ?? numBytes,
	};
}

export function resetPeak(): void {
	maybeRecorder()?.pool.resetPeak();
}

export function resetPeakLive(): void {
	maybeRecorder()?.pool.resetPeakLive();
}

/** Gives free GPU memory back to the system; between runs, not between steps. */
export function trimMemory(): void {
	const recorder = maybeRecorder();
	recorder?.flush();
	recorder?.pool.trim();
}

/** Dispatches and submits since the start; zeros on host backends. */
export function counters(): Readonly<Counters> {
	return (
		maybeRecorder()?.counters ?? { dispatches: 0, submits: 0, pipelines: 0, uniformBuffers: 0, bindGroups: 0 }
	);
}

/** Sends what was recorded to the GPU: once, at the end of a step. Nothing on host backends. */
export function flush(): void {
	maybeRecorder()?.flush();
}

/** Sets every value to 0, in place. */
export function clearInPlace(tensor: Tensor): void {
	const recorder = maybeRecorder();
	if (recorder === null) floatView(tensor).fill(0);
	else recorder.clear(tensor);
}

/** Overwrites the first `values.length` values of a tensor in place; its type must be that of the values. */
export function writeInPlace(tensor: Tensor, values: Float32Array | Int32Array): void {
	const recorder = maybeRecorder();
	if (recorder !== null) recorder.write(tensor, values);
	else if (values instanceof Float32Array) floatView(tensor).set(values);
	else intView(tensor).set(values);
}

/**
 * A new tensor with these values, in memory of the pool. Like {@link writeInPlace} it submits what was recorded before.
 *
 * @param values stay the caller's
 */
export function upload(values: Float32Array | Int32Array, shape: readonly number[]): Tensor {
	const dtype = values instanceof Float32Array ? 'float32' : 'int32';
	const recorder = maybeRecorder();
	// A copy: on the cpu backend a tensor shares the array it was made from.
	if (recorder === null) return tensor(values.slice(), [...shape], dtype);
	const info = recorder.allocate(shape, dtype);
	recorder.write(info, values);
	return engine().makeTensorFromTensorInfo(info);
}

/** A new float32 tensor of zeros; nothing is uploaded, and a rehearsal counts it. */
export function zeroed(shape: readonly number[]): Tensor {
	const recorder = maybeRecorder();
	if (recorder === null) return zeros([...shape]);
	const info = recorder.allocate(shape);
	recorder.clear(info);
	return engine().makeTensorFromTensorInfo(info);
}

/**
 * Brings a tensor's values to the GPU now, not where they are first read, so that what stands there is counted.
 *
 * @param name for the message. @throws DeviceError `limits-too-low` where it is larger than the GPU binds
 */
export function place(tensor: TensorInfo, name: string): void {
	maybeRecorder()?.place(tensor, name);
}

/**
 * The values of a float32 tensor as they are now, without waiting for the GPU: recorded like a dispatch, it settles after the
 * next {@link flush}. The tensor may be freed or overwritten after the call.
 */
export async function readLater(tensor: TensorInfo): Promise<Float32Array> {
	const recorder = maybeRecorder();
	if (recorder === null) return floatView(tensor).slice();
	return new Float32Array(await recorder.read(tensor));
}

/** The values of a float32 tensor, submitting what was recorded and waiting for it. */
export async function readNow(tensor: TensorInfo): Promise<Float32Array> {
	const reading = readLater(tensor);
	flush();
	return reading;
}

/** {@link readNow} for an int32 tensor. */
export async function readIntsNow(tensor: TensorInfo): Promise<Int32Array> {
	const recorder = maybeRecorder();
	if (recorder === null) return intView(tensor).slice();
	const reading = recorder.read(tensor);
	flush();
	return new Int32Array(await reading);
}

/** True where ops are recorded and run after a submit, false where every op has run when it returns. */
export function runsLater(): boolean {
	return maybeRecorder() !== null;
}

const NOTHING_TO_COMPILE: Compilation = { allocated: Promise.resolve(), compiled: Promise.resolve() };

/**
 * Runs `work` only to make its buffers and to compile, in parallel, the pipelines it would use; what it returns or writes is
 * thrown away. On host backends `work` is not run.
 */
export function startCompiling(work: () => void): Compilation {
	const recorder = maybeRecorder();
	if (recorder === null) return NOTHING_TO_COMPILE;
	return recorder.compile(() => {
		tidy(work);
	});
}

/** {@link startCompiling}, and waits for it. */
export async function compileInParallel(work: () => void): Promise<void> {
	await startCompiling(work).compiled;
}

/** The same on memory that exists in name only, before what `work` will need for real is there. */
export async function compileAhead(work: () => void): Promise<void> {
	await maybeRecorder()?.compileAhead(() => {
		tidy(work);
	});
}

/**
 * Runs `work` on memory that exists in name only, to learn what it would take beyond what stands already; what it returns or
 * reads is thrown away.
 *
 * @returns null on host backends, where `work` is not run
 */
export async function rehearse(work: () => void): Promise<Rehearsal | null> {
	const recorder = maybeRecorder();
	if (recorder === null) return null;
	return recorder.rehearse(() => {
		tidy(work);
	});
}
