/**
 * The compute engine in the thread it runs in: one device, one model, at most one training run.
 *
 * A lost device is opened anew, and the model loaded again from the cache, at the next call that needs them; the run that was
 * under way ends with an event that names its last checkpoint.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import { tokenizePairs } from '#core/batch/tokenize.ts';
import { AppError, Cancelled, toWire } from '#core/errors.ts';
import type { ModelConfig, ModelSource } from '#core/model/model.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type {
	AdapterChoice,
	ChatReply,
	ComputeEngine,
	DeviceReport,
	GenerateRequest,
	KernelStore,
	Progress,
	Tokenized,
	TrainControl,
	TrainEvent,
	TrainJob,
} from '#core/ports.ts';
import type { KernelSettings } from '#core/device/kernels.ts';
import type { Device } from '#engine/device.ts';
import { Tuner } from '#engine/tuning/tuner.ts';
import { largeMatmuls } from '#model/matmuls.ts';
import type { ModelFiles } from '#runtime/models/modelFiles.ts';
import { compileRun } from '#train/estimate.ts';
import { Controls } from '#train/controls.ts';
import { Trainer } from '#train/trainer.ts';
import { ComputeModel, modelNotLoaded } from './computeModel.ts';

/** What the engine is made of; the worker names the real parts. */
export interface EngineParts {
	openDevice: () => Promise<Device>;
	loadFiles: (
		source: ModelSource,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	) => Promise<ModelFiles>;
	kernelStore: KernelStore;
}

export class LocalComputeEngine implements ComputeEngine {
	readonly #parts: EngineParts;
	#device: Promise<Device> | null = null;
	#source: ModelSource | null = null;
	#model: ComputeModel | null = null;
	#trainer: Trainer | null = null;
	#training = false;
	/** The run that trains now. */
	#runId: string | null = null;
	readonly #tuner: Tuner;

	constructor(parts: EngineParts) {
		this.#parts = parts;
		this.#tuner = new Tuner(parts.kernelStore);
	}

	async device(): Promise<DeviceReport> {
		const { report } = await this.#openDevice();
		const kernels = this.#tuner.report();
		return kernels === null ? report : { ...report, kernels };
	}

	async setKernels(settings: KernelSettings): Promise<DeviceReport> {
		if (this.#training) throw busy();
		await this.#openDevice();
		if (this.#tuner.needsReload(settings)) {
			// Loaded again, from the files on this machine, when it is next needed.
			this.#model?.dispose();
			this.#model = null;
		}
		await this.#tuner.set(settings);
		return this.device();
	}

	async load(
		source: ModelSource,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	): Promise<ModelConfig> {
		if (this.#training) throw busy();
		const device = await this.#openDevice();
		const files = await this.#parts.loadFiles(source, onProgress, signal);
		if (signal.aborted) throw new Cancelled();
		this.#model?.dispose();
		this.#model = null;
		this.#model = new ComputeModel(files, device.report, this.#tuner.weights);
		this.#source = source;
		await this.#tuner.tune(device.report, largeMatmuls(this.#model.decoder.weights));
		return files.config;
	}

	async prepare(recipe: Recipe): Promise<void> {
		const { decoder } = await this.#loaded();
		if (!this.#training) await compileRun(decoder, recipe);
	}

	train(job: TrainJob, onEvent: (event: TrainEvent) => void): TrainControl {
		const controls = new Controls(job.startPaused);
		return {
			pause: () => controls.pause(),
			resume: () => controls.resume(),
			step: () => controls.step(),
			stop: (keep) => controls.stop(keep),
			finished: this.#train(job, controls, onEvent),
		};
	}

	async currentAdapter(runId: string): Promise<Adapter | null> {
		if (this.#runId !== runId) return null;
		return (await this.#trainer?.currentAdapter()) ?? null;
	}

	async generate(
		request: GenerateRequest,
		onReply: (index: number, reply: ChatReply) => void,
		signal: AbortSignal,
	): Promise<readonly ChatReply[]> {
		const model = await this.#loaded();
		return model.generate(request, await this.#adapterOf(request.adapter), onReply, signal);
	}

	async tokenize(
		pair: PreferencePair,
		maxLength: number,
	): Promise<{ chosen: Tokenized; rejected: Tokenized }> {
		return (await this.#loaded()).tokenize(pair, maxLength);
	}

	async tokenLogps(
		pair: PreferencePair,
		adapter: AdapterChoice,
	): Promise<{ chosen: Float32Array; rejected: Float32Array }> {
		const model = await this.#loaded();
		return model.tokenLogps(pair, await this.#adapterOf(adapter));
	}

	async dispose(): Promise<void> {
		this.#trainer?.controls.stop(false);
		this.#model?.dispose();
		this.#model = null;
		this.#source = null;
		const device = await this.#device;
		this.#device = null;
		device?.close();
	}

	async #train(job: TrainJob, controls: Controls, onEvent: (event: TrainEvent) => void): Promise<void> {
		if (this.#training) throw busy();
		this.#training = true;
		try {
			const trainer = await this.#setUp(job, controls);
			this.#trainer = trainer;
			this.#runId = job.runId;
			for await (const event of trainer.run()) onEvent(event);
		} catch (thrown) {
			// Before the run began: what comes later the trainer tells itself.
			const lastCheckpoint = job.resume?.step ?? null;
			onEvent({
				type: 'failed',
				error: toWire(thrown),
				step: lastCheckpoint ?? 0,
				pairIds: [],
				lastCheckpoint,
			});
		} finally {
			this.#trainer = null;
			this.#runId = null;
			this.#training = false;
		}
	}

	async #setUp(
		{ recipe, pairs, resume, startPaused, answers }: TrainJob,
		controls: Controls,
	): Promise<Trainer> {
		const model = await this.#loaded();
		const device = await this.#openDevice();
		const maxLength = Math.min(recipe.training.maxLength, model.decoder.positions);
		const set = tokenizePairs(pairs, model.tools, maxLength);
		return new Trainer(
			{
				model: model.decoder,
				recipe,
				pairs: set.pairs,
				truncated: set.truncated,
				dropped: set.dropped.length,
				resume,
				startPaused,
				answers: answers === null ? [] : model.batches(answers),
				fault: () => device.fault(),
			},
			controls,
		);
	}

	/** The adapter of the step that trains now, where that is asked for. */
	async #adapterOf(adapter: AdapterChoice): Promise<Adapter | null> {
		return adapter !== null && 'runId' in adapter ? this.currentAdapter(adapter.runId) : adapter;
	}

	/** The model; loaded again where its device was lost. @throws AppError `model-not-loaded` */
	async #loaded(): Promise<ComputeModel> {
		if (this.#model !== null) return this.#model;
		if (this.#source === null) throw modelNotLoaded();
		const device = await this.#openDevice();
		const files = await this.#parts.loadFiles(this.#source, () => undefined, new AbortController().signal);
		this.#model ??= new ComputeModel(files, device.report, this.#tuner.weights);
		await this.#tuner.tune(device.report, largeMatmuls(this.#model.decoder.weights));
		return this.#model;
	}

	#openDevice(): Promise<Device> {
		this.#device ??= this.#open();
		return this.#device;
	}

	async #open(): Promise<Device> {
		try {
			const device = await this.#parts.openDevice();
			await this.#tuner.begin(device);
			void device.lost.then(() => {
				// Its tensors went with it: nothing is left to free.
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

function busy(): AppError {
	return new AppError('A run is training already.', {
		code: 'already-training',
		hint: 'Stop it first, or wait until it is done.',
	});
}
