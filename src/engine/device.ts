/**
 * Opens the device that the engine runs on: WebGPU, or tfjs's wasm backend if the browser has no WebGPU.
 *
 * We request the GPUDevice ourselves because tfjs asks for no `shader-f16`, no `subgroups` and few storage
 * buffers. It is registered under tfjs's own backend name, so stock ops and our kernels share it. Only one
 * device is open at a time; opening another closes the first.
 */
import { engine, env, ready, registerBackend, removeBackend, setBackend } from '@tensorflow/tfjs-core';
import { noWebGpu } from '#core/device/webGpu.ts';
import { DeviceError } from '#core/errors.ts';
import type { DeviceReport } from '#core/ports.ts';
import type { ExactVariant, KernelSetting } from '#core/device/kernels.ts';
import { registerWasm, type WasmFiles } from './host/wasm.ts';
import {
	acquireGpu,
	readLimits,
	type AcquiredGpu,
	type AdapterFacts,
	type NeededLimits,
} from './gpu/acquire.ts';
import { attachRecorder, type RecorderOptions } from './gpu/record.ts';
import { allowedVariants, VariantTable } from './gpu/variants.ts';

export interface DeviceOptions {
	/** `auto`: webgpu, else wasm with the reason in the report. `cpu` is for tests. */
	backend?: 'auto' | 'webgpu' | 'wasm' | 'cpu';
	need?: NeededLimits;
	/**
	 * Kernel programs to run. `plain`: register tiles without features that only some GPUs have (shared reads
	 * in subgroups of four).
	 */
	kernels?: KernelSetting | 'plain';
	/** Largest binding, bytes, if it should be less than the GPU’s own limit. */
	mostBindingBytes?: number;
	/** Needed for wasm in a browser. */
	wasmFiles?: WasmFiles;
	/**
	 * Threads of the wasm backend if the page is cross-origin isolated; default: all processors but one, at
	 * most 4.
	 */
	wasmThreads?: number;
}

export interface Device {
	readonly report: DeviceReport;
	/** Null on host backends. */
	readonly gpu: GPUDevice | null;
	/** Resolves if the GPU is lost; never settles after close(). */
	readonly lost: Promise<DeviceError>;
	/** The first error that WebGPU reported outside any call (out of memory, validation, a lost device), or null. */
	fault(): DeviceError | null;
	close(): void;
}

/** Minimum for the kernels: the bindings of the largest kernel, and a workgroup of 64. */
const LEAST: NeededLimits = { maxStorageBuffersPerShaderStage: 8, maxComputeInvocationsPerWorkgroup: 64 };
/** tfjs submits after this many dispatches; we submit once a step, through flush(). */
const NEVER_SUBMIT = 2 ** 30;

const GIB = 2 ** 30;
/**
 * Memory that a laptop's GPU usually gives a page; used if the browser does not report the machine's memory.
 */
const USUAL_BUDGET = 1.5 * GIB;

/**
 * Device memory that a page may use, bytes. WebGPU does not report GPU memory, so this is half of the
 * machine's memory if the browser reports that (Chromium does, rounded down and capped at a few GiB).
 * Integrated GPUs share the machine's memory; others have their own.
 */
export function memoryBudget(): number {
	if (typeof navigator === 'undefined') return USUAL_BUDGET;
	const { deviceMemory } = navigator as { deviceMemory?: number };
	return deviceMemory === undefined ? USUAL_BUDGET : (deviceMemory * GIB) / 2;
}

let current: Device | null = null;

/**
 * Opens the device and makes it tfjs's current backend.
 *
 * @throws DeviceError `webgpu-missing` (missing part), `limits-too-low` (need, have) when `backend` is 'webgpu';
 *   with 'auto' the error becomes `report.fallbackReason`
 */
export async function openDevice(options: DeviceOptions = {}): Promise<Device> {
	const wanted = options.backend ?? 'auto';
	current?.close();
	current = null;
	current = await open(wanted, options);
	return current;
}

async function open(wanted: NonNullable<DeviceOptions['backend']>, options: DeviceOptions): Promise<Device> {
	if (wanted === 'wasm' || wanted === 'cpu') return openHost(wanted, options, null);
	try {
		return await openWebgpu(options);
	} catch (error) {
		if (wanted === 'webgpu' || !(error instanceof DeviceError)) throw error;
		return openHost('wasm', options, error.message);
	}
}

async function openWebgpu({ need, kernels, mostBindingBytes }: DeviceOptions): Promise<Device> {
	const acquired = await acquireGpu({ ...LEAST, ...need });
	try {
		return await startWebgpu(acquired, kernels, mostBindingBytes);
	} catch (error) {
		if (isRegistered()) removeBackend('webgpu');
		acquired.device.destroy();
		throw error instanceof DeviceError ? error : noWebGpu('device', error);
	}
}

async function startWebgpu(
	{ device: gpu, facts }: AcquiredGpu,
	kernels: DeviceOptions['kernels'],
	mostBytes: number | undefined,
): Promise<Device> {
	const lanes4 = kernels !== 'plain' && hasFourLanes(gpu, facts);
	const variants = new VariantTable(allowedVariants(gpu.limits), lanes4);
	if (kernels !== undefined && kernels !== 'auto') variants.forced = forcedVariant(kernels, variants);
	await useWebgpu(gpu, facts, { lanes4, variants, mostBytes });
	return webgpuDevice(gpu, facts);
}

/** Subgroups of exactly four threads, as on SwiftShader. */
function hasFourLanes(gpu: GPUDevice, facts: AdapterFacts): boolean {
	return gpu.features.has('subgroups') && facts.subgroupMinSize === 4 && facts.subgroupMaxSize === 4;
}

/** @throws DeviceError `limits-too-low` if the device cannot run the variant */
function forcedVariant(setting: ExactVariant | 'plain', { allowed }: VariantTable): ExactVariant {
	const variant = setting === 'plain' ? 'registers' : setting;
	if (allowed.includes(variant)) return variant;
	throw new DeviceError(`This GPU’s workgroups are too small for the kernels "${setting}".`, {
		code: 'limits-too-low',
		hint: `Choose one of: auto, plain, ${allowed.join(', ')}.`,
		context: { setting, allowed: allowed.join(', ') },
	});
}

function isRegistered(): boolean {
	return engine().registryFactory['webgpu'] !== undefined;
}

async function useWebgpu(gpu: GPUDevice, facts: AdapterFacts, options: RecorderOptions): Promise<void> {
	const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
	// The package registers a factory under this name whose device lacks the features that we need.
	if (isRegistered()) removeBackend('webgpu');
	// tfjs reads only vendor and architecture.
	const backend = new WebGPUBackend(gpu, facts as GPUAdapterInfo);
	attachRecorder(backend, options);
	registerBackend('webgpu', () => backend, 3);
	env().set('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE', NEVER_SUBMIT);
	await setBackend('webgpu');
	await ready();
}

function webgpuDevice(gpu: GPUDevice, facts: AdapterFacts): Device {
	let fault: DeviceError | null = null;
	let closed = false;
	gpu.addEventListener('uncapturederror', ({ error }) => {
		const outOfMemory = error instanceof GPUOutOfMemoryError;
		fault ??= new DeviceError(`The GPU reported: ${error.message}`, {
			code: outOfMemory ? 'out-of-memory' : 'gpu-validation',
			hint: outOfMemory
				? 'Use fewer pairs a step or a smaller model.'
				: 'This is a fault of the workbench. Copy the report.',
		});
	});
	const lost = gpu.lost.then(({ message }) => {
		if (closed) return new Promise<never>(() => undefined);
		const loss = new DeviceError(`The GPU was lost: ${message === '' ? 'no reason given' : message}`, {
			code: 'device-lost',
			hint: 'Training goes on from the last checkpoint on a new device.',
		});
		fault ??= loss;
		return loss;
	});
	return {
		report: {
			backend: 'webgpu',
			vendor: facts.vendor,
			architecture: facts.architecture,
			description: facts.description,
			features: [...gpu.features].sort(),
			limits: readLimits(gpu.limits),
			fallbackReason: null,
		},
		gpu,
		lost,
		fault: () => fault,
		close: () => {
			// The owner and the next openDevice() may both call close().
			if (closed) return;
			closed = true;
			removeBackend('webgpu');
			gpu.destroy();
		},
	};
}

async function openHost(
	backend: 'wasm' | 'cpu',
	options: DeviceOptions,
	fallbackReason: string | null,
): Promise<Device> {
	let threads = 1;
	if (backend === 'wasm') threads = await registerWasm(options.wasmFiles, options.wasmThreads);
	else await import('@tensorflow/tfjs-backend-cpu');
	if (!(await setBackend(backend))) {
		throw new DeviceError(`tfjs's ${backend} backend did not start.`, {
			code: 'host-backend-failed',
			hint: 'Reload the page; if it stays, the browser blocks WebAssembly.',
		});
	}
	await ready();
	const simd = backend === 'wasm' && env().getBool('WASM_HAS_SIMD_SUPPORT');
	return {
		report: {
			backend,
			vendor: '',
			architecture: backend,
			description: `tfjs ${backend}`,
			features: [...(simd ? ['simd'] : []), ...(threads > 1 ? ['threads'] : [])],
			limits: {},
			fallbackReason,
		},
		gpu: null,
		lost: new Promise<never>(() => undefined),
		fault: () => null,
		close: () => undefined,
	};
}
