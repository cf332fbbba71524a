/**
 * The one way to the GPU: every kernel of ours is recorded here, into the compute pass of tfjs's own backend, so that our
 * dispatches and stock ops keep their order and one submit carries the whole step.
 *
 * In the steady state a dispatch costs a few map look-ups: pipelines are cached by text, uniform buffers by content (they never
 * change once written), bind groups by pipeline and buffers (the pool hands out the same buffers every step).
 */
import { engine, env, type DataType, type TensorInfo } from '@tensorflow/tfjs-core';
import { DeviceError, ShapeError } from '#core/errors.ts';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { BufferPool } from './buffer-pool.ts';
import type { Counters } from './counters.ts';
import type { VariantTable } from './tuning/variants.ts';
import { UniformBuffers } from './uniforms.ts';
import type { Program } from './wgsl.ts';

/** Workgroups along x, y, z. */
export type Grid = readonly [x: number, y?: number, z?: number];

/** The parts of tfjs's backend that are private to its types; checked against 4.22.0, which is pinned. */
interface BackendParts {
	device: GPUDevice;
	bufferManager: unknown;
	commandEncoder: GPUCommandEncoder | null;
	computePassEncoder: GPUComputePassEncoder | null;
	dispatchCountInPass: number;
	tensorMap: { get(dataId: object): { resource?: GPUBuffer } };
	ensureCommandEncoderReady(): void;
	endComputePassEncoder(): void;
	submitQueue(): void;
	uploadToGPU(dataId: object): void;
	disposeData(dataId: object): boolean;
	makeTensorInfo(shape: number[], dtype: DataType): TensorInfo;
	checkCompileCompletionAsync(): Promise<void>;
}

const READ_USAGE = 0x01 | 0x08; // GPUBufferUsage.MAP_READ | COPY_DST
/** The cache is dropped at this size; a run that reaches it has more shapes than it should. */
const MOST_BIND_GROUPS = 16_384;

/** What one dispatch took on the GPU; see {@link Recorder.profile}. */
export interface DispatchTime {
	label: string;
	ms: number;
}

/** What the device's features and limits allow. */
export type RecorderOptions = Pick<Recorder, 'lanes4' | 'variants'>;

export class Recorder {
	readonly pool: BufferPool;
	/** Subgroups have exactly four threads (SwiftShader): programs may share reads among them. */
	readonly lanes4: boolean;
	/** Which program computes each large product here. */
	readonly variants: VariantTable;
	readonly counters: Counters = { dispatches: 0, submits: 0, pipelines: 0, uniformBuffers: 0, bindGroups: 0 };
	readonly #backend: BackendParts;
	readonly #pipelines = new Map<string, GPUComputePipeline>();
	readonly #byProgram = new WeakMap<Program, { pipeline: GPUComputePipeline; number: number }>();
	readonly #layouts = new Map<string, GPUBindGroupLayout>();
	readonly #uniforms: UniformBuffers;
	readonly #bindGroups = new Map<string, GPUBindGroup>();
	readonly #numbers = new WeakMap<GPUBuffer, number>();
	#nextNumber = 0;
	/** Pipelines under way while compiling; null when recording for real. */
	#compiling: Map<string, Promise<void>> | null = null;
	#times: Promise<DispatchTime>[] | null = null;
	#reads: (() => void)[] = [];

	constructor(backend: WebGPUBackend, { lanes4, variants }: RecorderOptions) {
		this.lanes4 = lanes4;
		this.variants = variants;
		const parts = backend as unknown as BackendParts;
		this.#backend = parts;
		this.pool = new BufferPool(parts.device, () => this.#bindGroups.clear());
		parts.bufferManager = this.pool;
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
			this.pool.afterSubmit();
		};
	}

	/** An output tensor; its memory holds whatever was there. */
	allocate(shape: readonly number[], dtype: DataType = 'float32'): TensorInfo {
		const info = this.#backend.makeTensorInfo([...shape], dtype);
		this.#backend.uploadToGPU(info.dataId);
		return info;
	}

	/** Gives a tensor of {@link allocate} back: the next allocation may take its memory. */
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
		if (this.#compiling !== null) {
			this.#compile(program, this.#compiling);
			return;
		}
		const { pipeline, number } = this.#pipelineOf(program);
		const buffers = tensors.map((tensor) => this.#bufferOf(tensor));
		const uniform = this.#uniforms.get(program, uniforms);
		const key = `${number}:${this.#numberOf(uniform)}:${buffers.map((buffer) => this.#numberOf(buffer)).join(',')}`;
		let group = this.#bindGroups.get(key);
		if (group === undefined) {
			group = this.#createBindGroup(program, [...buffers, uniform]);
			this.#bindGroups.set(key, group);
			this.counters.bindGroups += 1;
		}
		const pass = this.#pass();
		pass.setPipeline(pipeline);
		pass.setBindGroup(0, group);
		pass.dispatchWorkgroups(grid[0], grid[1] ?? 1, grid[2] ?? 1);
		this.counters.dispatches += 1;
		this.#backend.dispatchCountInPass += 1;
		if (this.#times !== null) this.#timeLast(program.label);
	}

	/** Sets a tensor to zero, in the order of recording. */
	clear(tensor: TensorInfo): void {
		if (this.#compiling !== null) return;
		const buffer = this.#bufferOf(tensor);
		this.#encoder().clearBuffer(buffer);
	}

	/** Overwrites a tensor's first values; what was recorded before is submitted first and still sees the old ones. */
	write(tensor: TensorInfo, values: Float32Array | Int32Array): void {
		const buffer = this.#bufferOf(tensor);
		this.flush();
		this.#backend.device.queue.writeBuffer(buffer, 0, values as Float32Array<ArrayBuffer>);
	}

	/** Copies a tensor as it is at this point of the recording; settles some time after the next submit. */
	read(tensor: TensorInfo): Promise<ArrayBuffer> {
		const buffer = this.#bufferOf(tensor);
		const staging = this.pool.acquireBuffer(buffer.size, READ_USAGE);
		this.#encoder().copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
		return new Promise((resolve, reject) => {
			this.#reads.push(() => {
				staging.mapAsync(GPUMapMode.READ).then(
					() => {
						resolve(staging.getMappedRange().slice(0));
						staging.unmap();
						this.pool.releaseBuffer(staging);
					},
					(cause: unknown) =>
						reject(
							new DeviceError('The GPU was lost while a result was read.', { code: 'device-lost', cause }),
						),
				);
			});
		});
	}

	/** Submits what was recorded, if anything was. */
	flush(): void {
		if (this.#backend.commandEncoder === null) return;
		this.#backend.endComputePassEncoder();
		this.#backend.submitQueue();
	}

	/**
	 * Runs `work` without dispatching anything and compiles, all at once, every pipeline it would use.
	 *
	 * What `work` computes is garbage and must be thrown away; parameters are left as they are.
	 */
	async compile(work: () => void): Promise<number> {
		const before = this.counters.pipelines;
		this.#compiling = new Map();
		env().set('WEBGPU_ENGINE_COMPILE_ONLY', true);
		const pending = this.#compiling;
		try {
			work();
		} finally {
			this.#compiling = null;
			env().set('WEBGPU_ENGINE_COMPILE_ONLY', false);
		}
		await Promise.all([...pending.values(), this.#backend.checkCompileCompletionAsync()]);
		return this.counters.pipelines - before;
	}

	/** GPU time of each dispatch that `work` records, one submit each: for the benchmark only. */
	async profile(work: () => void): Promise<DispatchTime[]> {
		this.flush();
		const times: Promise<DispatchTime>[] = [];
		this.#times = times;
		try {
			work();
		} finally {
			this.#times = null;
		}
		return Promise.all(times);
	}

	#timeLast(label: string): void {
		const start = performance.now();
		this.flush();
		const done = this.#backend.device.queue.onSubmittedWorkDone();
		this.#times?.push(done.then(() => ({ label, ms: performance.now() - start })));
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

	#bufferOf(tensor: TensorInfo): GPUBuffer {
		this.#backend.uploadToGPU(tensor.dataId);
		const { resource } = this.#backend.tensorMap.get(tensor.dataId);
		if (resource === undefined) {
			throw new DeviceError(`A tensor of shape [${tensor.shape.join(', ')}] has no GPU buffer.`, {
				code: 'no-buffer',
			});
		}
		return resource;
	}

	#numberOf(buffer: GPUBuffer): number {
		let number = this.#numbers.get(buffer);
		if (number === undefined) {
			number = this.#nextNumber += 1;
			this.#numbers.set(buffer, number);
		}
		return number;
	}

	#createBindGroup(program: Program, buffers: readonly GPUBuffer[]): GPUBindGroup {
		if (this.#bindGroups.size >= MOST_BIND_GROUPS) this.#bindGroups.clear();
		return this.#backend.device.createBindGroup({
			label: program.label,
			layout: this.#layoutOf(program),
			entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
		});
	}

	#layoutOf(program: Program): GPUBindGroupLayout {
		const types: GPUBufferBindingType[] = program.bindings.map(([, access]) =>
			access === 'read' ? 'read-only-storage' : 'storage',
		);
		types.push('uniform');
		const key = types.join();
		let layout = this.#layouts.get(key);
		if (layout === undefined) {
			layout = this.#backend.device.createBindGroupLayout({
				entries: types.map((type, binding) => ({ binding, visibility: 4, buffer: { type } })),
			});
			this.#layouts.set(key, layout);
		}
		return layout;
	}

	#descriptor(program: Program): GPUComputePipelineDescriptor {
		const { device } = this.#backend;
		return {
			label: program.label,
			layout: device.createPipelineLayout({ bindGroupLayouts: [this.#layoutOf(program)] }),
			compute: {
				module: device.createShaderModule({ label: program.label, code: program.code }),
				entryPoint: 'main',
			},
		};
	}

	#pipelineOf(program: Program): { pipeline: GPUComputePipeline; number: number } {
		const known = this.#byProgram.get(program);
		if (known !== undefined) return known;
		let pipeline = this.#pipelines.get(program.code);
		if (pipeline === undefined) {
			pipeline = this.#backend.device.createComputePipeline(this.#descriptor(program));
			this.#pipelines.set(program.code, pipeline);
			this.counters.pipelines += 1;
		}
		const entry = { pipeline, number: (this.#nextNumber += 1) };
		this.#byProgram.set(program, entry);
		return entry;
	}

	#compile(program: Program, pending: Map<string, Promise<void>>): void {
		if (this.#pipelines.has(program.code) || pending.has(program.code)) return;
		const compiled = this.#backend.device.createComputePipelineAsync(this.#descriptor(program)).then(
			(pipeline) => {
				this.#pipelines.set(program.code, pipeline);
				this.counters.pipelines += 1;
			},
			(cause: unknown) => {
				throw new DeviceError(`The shader "${program.label}" did not compile on this GPU.`, {
					code: 'shader-compilation',
					hint: 'Update the browser, or run on the wasm backend.',
					cause,
				});
			},
		);
		pending.set(program.code, compiled);
	}
}

const recorders = new WeakMap<object, Recorder>();

/** Makes the recorder of a backend; device.ts calls it once. */
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

/** The recorder where the current backend is webgpu, null on host backends. */
export function maybeRecorder(): Recorder | null {
	return recorders.get(engine().backend) ?? null;
}
