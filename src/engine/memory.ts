/** Memory on every backend: in-place writes, non-blocking reads, the end of a step, leak counters. */
import { engine, memory, tensor, tidy, zeros, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { floatView, intView } from './host/memory.ts';
import type { Counters } from './gpu/counters.ts';
import { maybeRecorder, type Compilation } from './gpu/record.ts';
import type { Rehearsal } from './gpu/rehearsal.ts';

/** Memory held now. On webgpu, bytes count GPU buffers; on host backends, tensors. */
export interface MemoryReport {
	tensors: number;
	/** Data buffers behind the tensors; several tensors may share one. */
	buffers: number;
	bytesUsed: number;
	/** Includes free buffers kept for reuse. */
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

/** Returns free GPU memory to the system. Call it between runs, not between steps. */
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

/**
 * Submits the recorded commands to the GPU; call it once, at the end of a step. Does nothing on host
 * backends.
 */
export function flush(): void {
	maybeRecorder()?.flush();
}

/** Sets every value to 0, in place. */
export function clearInPlace(tensor: Tensor): void {
	const recorder = maybeRecorder();
	if (recorder === null) floatView(tensor).fill(0);
	else recorder.clear(tensor);
}

/**
 * Overwrites the first `values.length` values of a tensor in place; the tensor's type must match that of the
 * values.
 */
export function writeInPlace(tensor: Tensor, values: Float32Array | Int32Array): void {
	const recorder = maybeRecorder();
	if (recorder !== null) recorder.write(tensor, values);
	else if (values instanceof Float32Array) floatView(tensor).set(values);
	else intView(tensor).set(values);
}

/**
 * A new tensor with these values, in pooled memory. Like {@link writeInPlace}, it first submits the recorded
 * commands.
 *
 * @param values copied; the caller may reuse the array
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
 * Uploads a tensor's values to the GPU now instead of at their first read, so that memory counts include
 * them.
 *
 * @param name for the error message. @throws DeviceError `limits-too-low` if the tensor is larger than the
 *   GPU can bind
 */
export function place(tensor: TensorInfo, name: string): void {
	maybeRecorder()?.place(tensor, name);
}

/** Waits until the GPU has taken all values that were placed, so that copies on their way do not pile up. */
export async function uploadsDone(): Promise<void> {
	await maybeRecorder()?.done();
}

/**
 * Reads a float32 tensor's current values without waiting for the GPU: the copy is recorded like a dispatch
 * and the promise settles after the next {@link flush}. The tensor may be freed or overwritten after the
 * call.
 */
export async function readLater(tensor: TensorInfo): Promise<Float32Array> {
	const recorder = maybeRecorder();
	if (recorder === null) return floatView(tensor).slice();
	return new Float32Array(await recorder.read(tensor));
}

/** Reads a float32 tensor's values: submits the recorded commands and waits for the result. */
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

/** True if ops are recorded and run after a submit; false if every op has run by the time it returns. */
export function runsLater(): boolean {
	return maybeRecorder() !== null;
}

const NOTHING_TO_COMPILE: Compilation = { allocated: Promise.resolve(), compiled: Promise.resolve() };

/**
 * Dry-runs `work` to allocate its buffers and to compile, in parallel, every pipeline that it uses. The results and writes of
 * `work` are discarded. On host backends `work` is not run.
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

/** Like {@link compileInParallel}, but on imaginary buffers, so the inputs of `work` need not exist yet. */
export async function compileAhead(work: () => void): Promise<void> {
	await maybeRecorder()?.compileAhead(() => {
		tidy(work);
	});
}

/**
 * Dry-runs `work` on imaginary buffers to measure the memory that it would add to the present use. Its
 * results and reads are discarded.
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
