/**
 * The device of an engine and the model on it. After a loss of the device, the next call that needs it opens
 * it again and loads the model again from the cache.
 *
 * A call gets no model before its GPU programs are measured: a measurement changes which programs run, and would change the
 * rounding of a run that had started.
 */
import { AppError, Cancelled } from '#core/errors.ts';
import type { ModelSource } from '#core/model/model.ts';
import type { DeviceReport, KernelStore, Progress } from '#core/ports.ts';
import type { KernelSettings } from '#core/device/kernels.ts';
import { memoryBudget, type Device } from '#engine/device.ts';
import { Tuner } from '#engine/tuning/tuner.ts';
import { largeMatmuls } from '#model/matmuls.ts';
import type { ModelFiles } from '#runtime/models/modelFiles.ts';
import { ComputeModel } from './computeModel.ts';

/** The parts of an engine that differ between threads and tests; the worker names the real ones. */
export interface EngineParts {
	openDevice: () => Promise<Device>;
	loadFiles: (
		source: ModelSource,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	) => Promise<ModelFiles>;
	kernelStore: KernelStore;
}

const NEVER = new AbortController().signal;

export class LoadedModel {
	readonly #parts: EngineParts;
	readonly #tuner: Tuner;
	readonly #expectIdle: () => void;
	#device: Promise<Device> | null = null;
	#source: ModelSource | null = null;
	#model: ComputeModel | null = null;
	/** The model that is being made and measured, or null; calls that need a model wait for it. */
	#loading: Promise<ComputeModel> | null = null;

	/** @param expectIdle throws if the model is in use and must not be replaced */
	constructor(parts: EngineParts, expectIdle: () => void) {
		this.#parts = parts;
		this.#tuner = new Tuner(parts.kernelStore);
		this.#expectIdle = expectIdle;
	}

	async report(): Promise<DeviceReport> {
		const report = { ...(await this.device()).report, budgetBytes: memoryBudget() };
		const kernels = this.#tuner.report();
		return kernels === null ? report : { ...report, kernels };
	}

	async setKernels(settings: KernelSettings): Promise<void> {
		this.#expectIdle();
		await this.device();
		await this.#settled();
		// Checks again, because a run may have started meanwhile.
		this.#expectIdle();
		// The next use loads the model again, from the files on this machine.
		if (this.#tuner.needsReload(settings)) this.#free();
		await this.#tuner.set(settings);
	}

	/**
	 * Replaces the model. The previous one leaves the device before the weights come, because both may not fit; if they fail or are
	 * cancelled, the next call that needs a model loads the previous one again.
	 */
	async load(
		source: ModelSource,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	): Promise<ComputeModel> {
		this.#expectIdle();
		const device = await this.device();
		const files = await this.#parts.loadFiles(source, onProgress, signal);
		await this.#settled();
		if (signal.aborted) throw new Cancelled();
		this.#expectIdle();
		this.#free();
		return this.#whileLoading(this.#make(source, files, device));
	}

	/** The model; loaded again if its device was lost. @throws AppError `model-not-loaded` */
	async get(): Promise<ComputeModel> {
		return this.#model ?? this.#loading ?? this.#whileLoading(this.#reload());
	}

	device(): Promise<Device> {
		this.#device ??= this.#open();
		return this.#device;
	}

	async dispose(): Promise<void> {
		this.#free();
		this.#source = null;
		const device = await this.#device;
		this.#device = null;
		device?.close();
	}

	#free(): void {
		this.#model?.dispose();
		this.#model = null;
	}

	/** Waits for a model under construction. */
	async #settled(): Promise<void> {
		await this.#loading?.catch(() => undefined);
	}

	async #whileLoading(loading: Promise<ComputeModel>): Promise<ComputeModel> {
		this.#loading = loading;
		try {
			return await loading;
		} finally {
			if (this.#loading === loading) this.#loading = null;
		}
	}

	async #reload(): Promise<ComputeModel> {
		const source = this.#source;
		if (source === null) throw modelNotLoaded();
		const device = await this.device();
		const files = await this.#parts.loadFiles(source, () => undefined, NEVER);
		return this.#make(source, files, device);
	}

	async #make(source: ModelSource, files: ModelFiles, device: Device): Promise<ComputeModel> {
		const model = await ComputeModel.load(files, device, this.#tuner.weights);
		this.#source = source;
		try {
			await this.#tuner.tune(device.report, largeMatmuls(model.decoder.weights));
		} catch (error) {
			model.dispose();
			throw error;
		}
		// The device may have been lost or closed meanwhile.
		if ((await this.#device) !== device) throw device.fault() ?? new Cancelled();
		this.#model = model;
		return model;
	}

	async #open(): Promise<Device> {
		try {
			const device = await this.#parts.openDevice();
			await this.#tuner.begin(device);
			void device.lost.then(() => {
				// The device's loss has already freed its tensors.
				this.#device = null;
				this.#model = null;
			});
			return device;
		} catch (error) {
			this.#device = null;
			throw error;
		}
	}
}

function modelNotLoaded(): AppError {
	return new AppError('No model is loaded.', { code: 'model-not-loaded', hint: 'Load a model first.' });
}
