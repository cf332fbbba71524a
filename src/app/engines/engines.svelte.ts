/** Engines: the device of this machine, the catalogue of models, and loading a model into both engines. */
import { AppError, Cancelled, toWire, type WireError } from '#core/errors.ts';
import type { PlacedLibrary } from '#core/model/compiledLibrary.ts';
import type { ModelConfig, ModelSource, OpenedModel } from '#core/model/model.ts';
import { expectLibrary } from './expectLibrary.ts';
import { trainingRoom, type TrainingRoom } from '#core/model/trainingRoom.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { suggestedRecipe } from '#core/recipe/suggested.ts';
import type { DeviceReport, Progress, TargetModel } from '#core/ports.ts';
import type { KernelSettings } from '#core/device/kernels.ts';
import { AnsweringTarget } from './answeringTarget.ts';
import { ComputeTarget } from './computeTarget.ts';
import type { AppPorts } from '../ports.ts';
import { engineRestarted, isEngineLoss } from './engineLoss.ts';
import { RestartableCompute, RestartableTarget } from './restartable.ts';
import { EngineTurns } from './engineTurns.ts';
import { unknownModel } from './unknownModel.ts';

/** The engine that answers: WebLLM, or the compute engine without WebGPU. */
export type AnsweringEngine = 'webllm' | 'compute';

/** WebLLM's errors that a retry on this machine would repeat. */
const LASTING: ReadonlySet<string> = new Set(['webgpu-missing', 'webgpu-limit', 'webgpu-feature']);

export class Engines {
	readonly #catalogue: AppPorts['catalogue'];
	readonly #openModel: AppPorts['openModel'];
	readonly #locks: AppPorts['locks'];
	readonly #webllm: AnsweringTarget;
	readonly #fallback: ComputeTarget;
	/** The model that each active run needs. */
	readonly #held = new Map<symbol, string>();
	readonly #loadings = new EngineTurns();
	#generation = 0;
	/** Runs that train without WebLLM's copy of the weights. */
	#trainingAlone = 0;
	/** Work runs here while nothing else uses the answering engine: samples, side by side and chat, of all runs. */
	readonly turns = new EngineTurns();
	/** Called before a model is loaded, so that a second model can leave the GPU first. */
	makeRoom: () => Promise<void> = () => Promise.resolve();
	/** The compute worker, created at the first call and again after `unload`. */
	readonly compute: RestartableCompute;

	/** Device of the compute worker; null before `start`. */
	device: DeviceReport | null = $state.raw(null);
	/** Why no device could be opened or no model loaded, or null. */
	error: WireError | null = $state.raw(null);
	models: readonly ModelSource[] = $state.raw([]);
	/** WebLLM's compiled libraries beside the page; empty before `readLibraries`. */
	libraries: readonly PlacedLibrary[] = $state.raw([]);
	/** Id of the model that both engines hold, or null. */
	loadedModel: string | null = $state(null);
	/** The loaded model's configuration; null before the first. */
	config: ModelConfig | null = $state.raw(null);
	/** Why WebLLM's copy of the weights is freed while a run trains; null if it is not. */
	freed: TrainingRoom | null = $state.raw(null);
	/** Loading progress of each engine; null if it is not loading. */
	computeProgress: Progress | null = $state.raw(null);
	targetProgress: Progress | null = $state.raw(null);

	/** Why WebLLM could not load although the trainer could; null if it did or was not tried. */
	refusal: WireError | null = $state.raw(null);
	/** True if WebLLM's worker or device was lost while the last model loaded. */
	#lostInLoading = false;

	readonly runsOn: AnsweringEngine | null = $derived(
		this.device === null
			? null
			: this.device.backend === 'webgpu' && this.refusal === null && this.freed === null
				? 'webllm'
				: 'compute',
	);
	/** The device as the bar shows it: "WebGPU, Apple M2" or "No WebGPU, on the processor". Empty if unknown. */
	readonly deviceText: string = $derived(deviceWords(this.device, this.refusal !== null));

	constructor(ports: AppPorts) {
		this.#catalogue = ports.catalogue;
		this.#openModel = ports.openModel;
		this.#locks = ports.locks;
		const lost = (): void => void (this.loadedModel = null);
		this.compute = new RestartableCompute(ports.newCompute, lost);
		this.#fallback = new ComputeTarget(this.compute);
		this.#webllm = new AnsweringTarget(new RestartableTarget(ports.newTarget, lost), this.#fallback);
	}

	/** The engine that answers chats and samples; null while no model is loaded. */
	get target(): TargetModel | null {
		return this.loadedModel === null ? null : this.#engine;
	}

	/**
	 * The same for a run that has loaded its model.
	 *
	 * @throws AppError `engine-restarted` if the engines were disposed of in the meantime
	 */
	get loadedTarget(): TargetModel {
		const { target } = this;
		if (target === null) throw engineRestarted();
		return target;
	}

	/** Progress of the engine that is loading, or null. */
	get loading(): Progress | null {
		return this.computeProgress ?? this.targetProgress;
	}

	/** Reads the catalogue and opens the device. A failure is in `error`. */
	async start(): Promise<void> {
		try {
			this.error = null;
			await this.readCatalogue();
			this.device = await this.compute.device();
		} catch (error) {
			this.error = toWire(error);
		}
	}

	/** Reads the list of models again, after one was added or deleted. */
	async readCatalogue(): Promise<void> {
		this.models = await this.#catalogue.list();
	}

	/** Reads the list of WebLLM's compiled libraries. */
	async readLibraries(): Promise<void> {
		this.libraries = await this.#catalogue.libraries().catch(() => []);
	}

	/** The files of a model that comes with the page; null for one that the user added. */
	async pageModel(id: string): Promise<OpenedModel | null> {
		const source = this.models.find((one) => one.id === id);
		return source?.origin.place === 'page' ? this.#openModel(source) : null;
	}

	/** The loaded model's entry of the catalogue, or null. */
	get loadedSource(): ModelSource | null {
		return this.models.find(({ id }) => id === this.loadedModel) ?? null;
	}

	/** The memory of a run's training beside WebLLM's copy of the loaded model; null if WebLLM holds none. */
	trainingRoom(recipe: Recipe): TrainingRoom | null {
		const source = this.loadedSource;
		if (source === null || this.config === null || this.runsOn !== 'webllm') return null;
		return trainingRoom(this.config, source.library, recipe, this.device);
	}

	/**
	 * Frees WebLLM's copy of the weights if training does not fit beside it; the compute engine answers meanwhile.
	 *
	 * @returns ends that: loads the copy again when no run needs its room
	 */
	async freeForTraining(recipe: Recipe): Promise<() => Promise<void>> {
		const room = this.freed ?? this.trainingRoom(recipe);
		if (room === null || room.fitsBoth) return () => Promise.resolve();
		const generation = this.#generation;
		this.#trainingAlone++;
		await this.turns.take(async () => {
			this.freed = room;
			await this.#webllm.free();
		});
		return async () => {
			this.#trainingAlone--;
			if (this.#trainingAlone > 0 || generation !== this.#generation) return;
			await this.turns.take(() => this.#bringBack());
		};
	}

	/** The recipe that suits a model of the catalogue; null for others. */
	suggestedRecipe(model: string): Recipe | null {
		const known = this.models.find(({ id }) => id === model);
		return known === undefined ? null : suggestedRecipe(known);
	}

	/**
	 * Loads a model of the catalogue into both engines; returns at once if it is already loaded.
	 *
	 * @throws AppError if the catalogue has no such model, or `model-in-use` · Cancelled · the engines' errors
	 */
	load(modelId: string, signal: AbortSignal): Promise<TargetModel> {
		// Two runs that start together share one loading.
		return this.#loadings.take(() => this.#load(modelId, signal));
	}

	/** The same outside of a run; a failure is in `error`. */
	async tryLoad(modelId: string): Promise<void> {
		try {
			await this.load(modelId, new AbortController().signal);
		} catch (error) {
			this.error = toWire(error);
		}
	}

	/**
	 * Keeps other models out of the engines until the function that it returns is called. Several runs can hold the same model.
	 *
	 * @throws AppError `model-in-use` if a run holds another model
	 */
	hold(modelId: string): () => void {
		this.#expectNoOther(modelId);
		const holder = Symbol(modelId);
		this.#held.set(holder, modelId);
		const release = this.#locks.holdModel(modelId);
		return () => {
			this.#held.delete(holder);
			release();
		};
	}

	/** True while a run holds the model. */
	get held(): boolean {
		return this.#held.size > 0;
	}

	/** True while more than one run holds the model. */
	get shared(): boolean {
		return this.#held.size > 1;
	}

	/** Changes whenever the engines are disposed of; see `restart`. */
	get generation(): number {
		return this.#generation;
	}

	/** Disposes of the engines of a generation. Does nothing if another run that shared their loss already did. */
	async restart(generation: number): Promise<void> {
		if (generation === this.#generation) await this.unload();
	}

	async #load(modelId: string, signal: AbortSignal): Promise<TargetModel> {
		if (signal.aborted) throw new Cancelled();
		this.#expectNoOther(modelId);
		const loaded = this.target;
		if (loaded !== null && this.loadedModel === modelId) return loaded;
		await this.makeRoom();
		this.loadedModel = null;
		this.freed = null;
		if (this.refusal !== null && !LASTING.has(this.refusal.code)) this.refusal = null;
		const source = await this.#source(modelId);
		try {
			// One after the other: both read the same files, so the second reads them from the cache.
			const show = (progress: Progress): void => void (this.computeProgress = progress);
			this.config = await this.compute.load(source, show, signal);
			this.device = await this.compute.device();
			this.computeProgress = null;
			await this.#loadAnswering(source, signal);
			this.loadedModel = modelId;
			return this.#engine;
		} finally {
			this.computeProgress = null;
			this.targetProgress = null;
		}
	}

	/**
	 * Chooses the programs of the GPU for training and for answers of the compute engine.
	 *
	 * @throws AppError `already-training`
	 */
	async setKernels(settings: KernelSettings): Promise<void> {
		this.device = await this.compute.setKernels(settings);
	}

	/** Disposes of both engines: after a lost device, before the model is loaded again. */
	async unload(): Promise<void> {
		this.#generation++;
		this.loadedModel = null;
		this.freed = null;
		await Promise.allSettled([this.#webllm.dispose(), this.compute.dispose()]);
	}

	/**
	 * If WebLLM cannot load the model, for any reason, the compute engine answers from the same weights. A loss
	 * restarts the engines first; only the second loss in a row counts as a refusal.
	 */
	async #loadAnswering(source: ModelSource, signal: AbortSignal): Promise<void> {
		try {
			expectLibrary(source, this.device);
			await this.#engine.load(source, (progress) => (this.targetProgress = progress), signal);
			this.#lostInLoading = false;
		} catch (error) {
			if (signal.aborted || error instanceof Cancelled) throw error;
			if (isEngineLoss(error) && !this.#lostInLoading) {
				this.#lostInLoading = true;
				throw error;
			}
			this.refusal = toWire(error);
			await this.#webllm.dispose();
			await this.#fallback.load(source);
		}
	}

	/** A failure leaves the compute engine answering, and is in `refusal`. */
	async #bringBack(): Promise<void> {
		const source = this.loadedSource;
		this.freed = null;
		if (source === null) return;
		try {
			await this.#loadAnswering(source, new AbortController().signal);
		} catch (error) {
			this.refusal = toWire(error);
		} finally {
			this.targetProgress = null;
		}
	}

	#expectNoOther(modelId: string): void {
		const other = [...this.#held.values()].find((held) => held !== modelId);
		if (other === undefined) return;
		throw new AppError(`A run uses the model "${other}"; "${modelId}" cannot be loaded beside it.`, {
			code: 'model-in-use',
			hint: 'Stop that run, or wait until it is done.',
			context: { model: modelId, held: other },
		});
	}

	get #engine(): TargetModel {
		return this.runsOn === 'compute' ? this.#fallback : this.#webllm;
	}

	async #source(modelId: string): Promise<ModelSource> {
		// The user may have added the model since the catalogue was read.
		const known = this.models.some((model) => model.id === modelId);
		if (!known) await this.readCatalogue();
		const source = this.models.find((model) => model.id === modelId);
		if (source !== undefined) return source;
		throw unknownModel(modelId, this.models);
	}
}

/** A device in words: “WebGPU, Apple M2”; empty if unknown. */
export function deviceWords(device: DeviceReport | null, withoutWebLlm = false): string {
	if (device === null) return '';
	if (device.backend !== 'webgpu') return 'No WebGPU, on the processor';
	const name =
		device.description === '' ? `${device.vendor} ${device.architecture}`.trim() : device.description;
	return ['WebGPU', ...(name === '' ? [] : [name]), ...(withoutWebLlm ? ['without WebLLM'] : [])].join(', ');
}
