/**
 * Records every kernel of ours into the compute pass of tfjs's own backend. Our dispatches and stock ops
 * therefore keep their order, and one submit carries the whole step.
 *
 * In the steady state a dispatch costs a few map look-ups and creates no object: pipelines are cached by
 * program, uniform buffers by content (they never change once written), bind groups by pipeline and buffers
 * (the pool hands out the same buffers every step).
 */
import { engine, util, type DataType, type TensorInfo } from '@tensorflow/tfjs-core';
import { DeviceError, ShapeError } from '#core/errors.ts';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { patchBackend, type BackendParts } from './backend.ts';
import { BindGroups } from './bindGroups.ts';
import { BufferPool, TENSOR_USAGE } from './bufferPool.ts';
import { timePass } from './passClock.ts';
import type { Counters } from './counters.ts';
import type { VariantTable } from './variants.ts';
import { Pipelines } from './pipelines.ts';
import { imaginaryBuffers, type Rehearsal } from './rehearsal.ts';
import { Staging } from './staging.ts';
import { StockPipelines } from './stockPipelines.ts';
import { UniformBuffers } from './uniforms.ts';
import { checkGrid, outOfMemory } from './refusals.ts';
import type { Program } from './wgsl.ts';

/** Workgroups along x, y, z. */
export type Grid = readonly [x: number, y?: number, z?: number];

const READ_USAGE = 0x01 | 0x08; // GPUBufferUsage.MAP_READ | COPY_DST

/** Work whose pipelines compile in the background. */
export interface Compilation {
	/** Settles once the GPU has made the buffers. @throws DeviceError `out-of-memory` */
	readonly allocated: Promise<void>;
	/** Settles once every pipeline is compiled. @throws DeviceError `shader-compilation`, and the error of `allocated` */
	readonly compiled: Promise<void>;
}

/** Options derived from the device's features and limits. */
export interface RecorderOptions extends Pick<Recorder, 'lanes4' | 'variants'> {
	/** Lowers {@link Recorder.mostBytes}. */
	readonly mostBytes?: number | undefined;
}

export class Recorder {
	/** True if subgroups have exactly four threads (SwiftShader): programs may share reads among them. */
	readonly lanes4: boolean;
	/** True if programs may use f16 (`shader-f16`). */
	readonly halves: boolean;
	/** Limits of a workgroup: threads, and bytes of shared memory. */
	readonly workgroup: { readonly threads: number; readonly bytes: number };
	/** Maximum bytes of one binding. */
	readonly mostBytes: number;
	/** Chooses the program for each large product. */
	readonly variants: VariantTable;
	readonly counters: Counters = { dispatches: 0, submits: 0, pipelines: 0, uniformBuffers: 0, bindGroups: 0 };
	readonly #backend: BackendParts;
	readonly #pipelines: Pipelines;
	readonly #stock: StockPipelines;
	readonly #staging: Staging;
	readonly #uniforms: UniformBuffers;
	readonly #bindGroups: BindGroups;
	/** Buffers of the dispatch being recorded. */
	readonly #bound: GPUBuffer[] = [];
	/** Maximum workgroups along an axis. */
	readonly #mostGroups: number;
	#pool: BufferPool;
	/** Called instead of a dispatch while compiling or rehearsing; null when recording for real. */
	#instead: ((program: Program) => void) | null = null;
	/** Staging buffers that a dry run would hold. */
	#unread: GPUBuffer[] = [];
	#reads: (() => void)[] = [];

	constructor(backend: WebGPUBackend, { lanes4, variants, mostBytes = Infinity }: RecorderOptions) {
		this.lanes4 = lanes4;
		this.variants = variants;
		const parts = backend as unknown as BackendParts;
		this.#backend = parts;
		this.halves = parts.device.features.has('shader-f16');
		const { limits } = parts.device;
		this.mostBytes = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize, mostBytes);
		this.#mostGroups = limits.maxComputeWorkgroupsPerDimension;
		this.workgroup = {
			threads: limits.maxComputeInvocationsPerWorkgroup,
			bytes: limits.maxComputeWorkgroupStorageSize,
		};
		this.#pipelines = new Pipelines(parts.device, this.counters);
		this.#stock = new StockPipelines(parts);
		this.#staging = new Staging(parts.device.queue);
		this.#bindGroups = new BindGroups(parts.device, this.#pipelines, this.counters);
		this.#pool = new BufferPool(parts.device, () => this.#bindGroups.clear());
		parts.bufferManager = this.#pool;
		patchBackend(parts);
		this.#uniforms = new UniformBuffers(parts.device, this.counters, () => {
			this.flush();
			this.#bindGroups.clear();
		});
		const submit = parts.submitQueue.bind(parts);
		parts.submitQueue = () => {
			submit();
			this.counters.submits += 1;
			const reads = this.#reads;
			this.#reads = [];
			for (const read of reads) read();
			this.#pool.afterSubmit();
		};
	}

	get pool(): BufferPool {
		return this.#pool;
	}

	/** An uninitialised output tensor. @throws DeviceError `limits-too-low` */
	allocate(shape: readonly number[], dtype: DataType = 'float32'): TensorInfo {
		const info = this.#backend.makeTensorInfo([...shape], dtype);
		this.#checkSize(info, 'A result');
		this.#backend.tensorMap.get(info.dataId).resource = this.#pool.acquireBuffer(bytesOf(info), TENSOR_USAGE);
		return info;
	}

	/**
	 * Creates the buffer of a tensor that holds host values now; by default the first dispatch that reads it
	 * does.
	 */
	place(tensor: TensorInfo, name: string): void {
		this.#checkSize(tensor, name);
		const data = this.#backend.tensorMap.get(tensor.dataId);
		const { values } = data;
		if (!(values instanceof Float32Array || values instanceof Int32Array)) {
			this.#backend.uploadToGPU(tensor.dataId);
			return;
		}
		data.resource = this.#pool.acquireExact(bytesOf(tensor), TENSOR_USAGE);
		data.values = null;
		// A buffer that was used before may be in recorded commands.
		this.flush();
		this.#staging.write(data.resource, values);
	}

	/** Resolves when the GPU has done everything that was submitted. */
	async done(): Promise<void> {
		this.flush();
		// A lost device is reported where it is watched (device.ts).
		await this.#backend.device.queue.onSubmittedWorkDone().catch(() => undefined);
	}

	/** Releases a tensor of {@link allocate}: the next allocation may reuse its memory. */
	free(info: TensorInfo): void {
		this.#backend.disposeData(info.dataId);
	}

	/**
	 * Records one dispatch.
	 *
	 * @param tensors  in the order of the program's bindings
	 * @param uniforms in the order of the program's uniforms
	 */
	record(program: Program, tensors: readonly TensorInfo[], uniforms: readonly number[], grid: Grid): void {
		if (tensors.length !== program.bindings.length || uniforms.length !== program.uniforms.length) {
			throw new ShapeError(
				`${program.label}: ${tensors.length} tensors and ${uniforms.length} uniforms for ` +
					`${program.bindings.length} bindings and ${program.uniforms.length} uniforms.`,
				{ code: 'program-arguments' },
			);
		}
		checkGrid(program, grid, this.#mostGroups);
		if (this.#instead !== null) {
			this.#instead(program);
			return;
		}
		const { pipeline, number } = this.#pipelines.get(program);
		const buffers = this.#bound;
		buffers.length = 0;
		for (const tensor of tensors) buffers.push(this.#bufferOf(tensor));
		buffers.push(this.#uniforms.get(program, uniforms));
		const group = this.#bindGroups.get(program, number, buffers);
		const pass = this.#pass();
		pass.setPipeline(pipeline);
		pass.setBindGroup(0, group);
		pass.dispatchWorkgroups(grid[0], grid[1] ?? 1, grid[2] ?? 1);
		this.counters.dispatches += 1;
		this.#backend.dispatchCountInPass += 1;
	}

	/** Sets a tensor to zero, in the order of recording. */
	clear(tensor: TensorInfo): void {
		if (this.#instead !== null) return;
		const buffer = this.#bufferOf(tensor);
		this.#encoder().clearBuffer(buffer);
	}

	/**
	 * Overwrites a tensor's first values. Earlier recorded commands are submitted first and still see the old
	 * values.
	 */
	write(tensor: TensorInfo, values: Float32Array | Int32Array): void {
		if (this.#instead !== null) return;
		const buffer = this.#bufferOf(tensor);
		this.flush();
		this.#backend.device.queue.writeBuffer(buffer, 0, values as Float32Array<ArrayBuffer>);
	}

	/** Copies a tensor at this point of the recording; the promise settles after the next submit. */
	read(tensor: TensorInfo): Promise<ArrayBuffer> {
		const size = bytesOf(tensor);
		const staging = this.#pool.acquireBuffer(size, READ_USAGE);
		if (this.#instead !== null) {
			this.#unread.push(staging);
			return new Promise(() => undefined);
		}
		this.#encoder().copyBufferToBuffer(this.#bufferOf(tensor), 0, staging, 0, size);
		return new Promise((resolve, reject) => {
			this.#reads.push(() => {
				staging.mapAsync(GPUMapMode.READ).then(
					() => {
						resolve(staging.getMappedRange().slice(0));
						staging.unmap();
						this.#pool.releaseBuffer(staging);
					},
					(cause: unknown) =>
						reject(
							new DeviceError('The GPU was lost while a result was read.', { code: 'device-lost', cause }),
						),
				);
			});
		});
	}

	/** Submits the recorded commands, if there are any. */
	flush(): void {
		if (this.#backend.commandEncoder === null) return;
		this.#backend.endComputePassEncoder();
		this.#backend.submitQueue();
	}

	/**
	 * Dry-runs `work` and compiles, in parallel, every pipeline that it uses. Buffers are really allocated, so
	 * they are ready when `work` runs for real.
	 *
	 * Results of `work` are garbage and must be discarded; parameters keep their values, and reads never settle.
	 */
	compile(work: () => void): Compilation {
		const { device } = this.#backend;
		let lacking: Promise<GPUError | null>;
		let pending: Set<Promise<void>>;
		device.pushErrorScope('out-of-memory');
		try {
			pending = this.#compilations((instead) => this.#pretend(work, instead));
		} finally {
			lacking = device.popErrorScope();
		}
		const allocated = this.#expectRoom(lacking);
		const compiled = Promise.all([allocated, ...pending, this.#stock.compiled()]).then(() => undefined);
		// Callers may await one of the two only.
		for (const promise of [allocated, compiled]) promise.catch(() => undefined);
		return { allocated, compiled };
	}

	/**
	 * Like {@link compile}, but on imaginary buffers, so the inputs of `work` need not exist yet.
	 *
	 * @throws DeviceError `shader-compilation`
	 */
	async compileAhead(work: () => void): Promise<void> {
		const pending = this.#compilations((instead) => this.#imagine(work, instead));
		await Promise.all([...pending, this.#stock.compiled()]);
	}

	/**
	 * Dry-runs `work` without the GPU, on imaginary buffers, to measure the memory that it would add to the
	 * present use.
	 *
	 * Results of `work` are garbage, and reads never settle.
	 */
	async rehearse(work: () => void): Promise<Rehearsal> {
		let dispatches = 0;
		const pool = this.#imagine(work, () => {
			dispatches += 1;
		});
		await this.#stock.compiled();
		return { bytes: pool.numBytesAllocated, largest: pool.largest, dispatches };
	}

	/** @throws DeviceError `out-of-memory` */
	async #expectRoom(lacking: Promise<GPUError | null>): Promise<void> {
		const error = await lacking;
		if (error === null) return;
		// Buffers that the GPU refused are free in the pool now: they must not be handed out to anyone.
		this.flush();
		this.#pool.trim();
		throw outOfMemory(error.message);
	}

	/** Pending compilations of our programs that `run` records. */
	#compilations(run: (instead: (program: Program) => void) => void): Set<Promise<void>> {
		const pending = new Set<Promise<void>>();
		run((program) => {
			const compiling = this.#pipelines.compile(program);
			if (compiling !== null) pending.add(compiling);
		});
		return pending;
	}

	#imagine(work: () => void, instead: (program: Program) => void): BufferPool {
		const pool = new BufferPool(imaginaryBuffers, () => undefined);
		const real = this.#pool;
		this.#usePool(pool);
		try {
			this.#pretend(work, instead);
		} finally {
			this.#usePool(real);
		}
		return pool;
	}

	/** WebGPU reports an oversized binding outside any call, and kernels then read zeros from it. */
	#checkSize(tensor: TensorInfo, name: string): void {
		const need = bytesOf(tensor);
		const have = this.mostBytes;
		if (need <= have) return;
		throw new DeviceError(
			`${name} [${tensor.shape.join(', ')}] has ${need} bytes; this GPU binds at most ${have} at once.`,
			{
				code: 'limits-too-low',
				hint: 'Choose a smaller model or fewer pairs a step, or another GPU in the browser’s settings.',
				context: { name, need, have },
			},
		);
	}

	#usePool(pool: BufferPool): void {
		this.#pool = pool;
		this.#backend.bufferManager = pool;
	}

	/** Runs `work` with `instead` called for every dispatch, and without writes and reads. */
	#pretend(work: () => void, instead: (program: Program) => void): void {
		this.#instead = instead;
		try {
			this.#stock.compileOnly(work);
		} finally {
			this.#instead = null;
			for (const staging of this.#unread) this.#pool.releaseBuffer(staging);
			this.#unread = [];
		}
	}

	/**
	 * Milliseconds that the dispatches of `work` take on the GPU, in one pass and one submit; `work` must only
	 * record dispatches.
	 */
	time(work: () => void): Promise<number> {
		return timePass(this.#backend, () => this.flush(), work);
	}

	#encoder(): GPUCommandEncoder {
		this.#backend.ensureCommandEncoderReady();
		this.#backend.endComputePassEncoder();
		const encoder = this.#backend.commandEncoder;
		if (encoder === null) throw new DeviceError('The GPU gave no command encoder.', { code: 'no-encoder' });
		return encoder;
	}

	#pass(): GPUComputePassEncoder {
		const backend = this.#backend;
		backend.computePassEncoder ??= this.#encoder().beginComputePass();
		return backend.computePassEncoder;
	}

	#bufferOf({ dataId, shape }: TensorInfo): GPUBuffer {
		const data = this.#backend.tensorMap.get(dataId);
		if (data.resource === undefined) this.#backend.uploadToGPU(dataId);
		if (data.resource !== undefined) return data.resource;
		throw new DeviceError(`A tensor of shape [${shape.join(', ')}] has no GPU buffer.`, {
			code: 'no-buffer',
		});
	}
}

/** All our tensors hold 32-bit values. */
function bytesOf({ shape }: TensorInfo): number {
	return 4 * util.sizeFromShape(shape);
}

const recorders = new WeakMap<object, Recorder>();

/** Creates the recorder of a backend, or returns the existing one; device.ts calls it once per backend. */
export function attachRecorder(backend: WebGPUBackend, options: RecorderOptions): Recorder {
	const recorder = recorders.get(backend) ?? new Recorder(backend, options);
	recorders.set(backend, recorder);
	return recorder;
}

/**
 * The recorder of the current backend.
 *
 * @throws DeviceError when the current backend is not webgpu on a device of openDevice()
 */
export function recorder(): Recorder {
	const found = recorders.get(engine().backend);
	if (found !== undefined) return found;
	throw new DeviceError(`The backend "${engine().backendName}" was not opened by openDevice().`, {
		code: 'device-not-open',
		hint: 'Call openDevice() first.',
	});
}

/** The recorder if the current backend is webgpu, null on host backends. */
export function maybeRecorder(): Recorder | null {
	return recorders.get(engine().backend) ?? null;
}
