/**
 * The compute engine within its thread: one device, one model, any number of training runs that take turns.
 *
 * If the device is lost, each run ends with an event that names its last checkpoint; the next call opens the device again.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { CheckJob, CheckOutcome } from '#core/checks/check.ts';
import type { ModelConfig, ModelSource } from '#core/model/model.ts';
import type { SpanAttribution } from '#core/loss/attribution.ts';
import type { PairGradient } from '#core/loss/pairGradient.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type {
	AdapterChoice,
	PromptReply,
	ComputeEngine,
	DeviceReport,
	GenerateRequest,
	PairGradientJob,
	PairLogps,
	Progress,
	SpanJob,
	Tokenized,
	TrainControl,
	TrainEvent,
	TrainJob,
} from '#core/ports.ts';
import type { KernelSettings } from '#core/device/kernels.ts';
import { compileRun } from '#train/estimate.ts';
import { LoadedModel, type EngineParts } from './loadedModel.ts';
import { runCheck } from './runCheck.ts';
import { Runs } from './runs.ts';

export class LocalComputeEngine implements ComputeEngine {
	readonly #loaded: LoadedModel;
	readonly #runs: Runs;

	constructor(parts: EngineParts) {
		this.#loaded = new LoadedModel(parts, () => this.#runs.expectNone());
		this.#runs = new Runs(async (job, controls) => (await this.#loaded.get()).trainer(job, controls));
	}

	device(): Promise<DeviceReport> {
		return this.#loaded.report();
	}

	/** @throws AppError `already-training` */
	async setKernels(settings: KernelSettings): Promise<DeviceReport> {
		await this.#loaded.setKernels(settings);
		return this.device();
	}

	/** @throws AppError `already-training` */
	async load(
		source: ModelSource,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	): Promise<ModelConfig> {
		return (await this.#loaded.load(source, onProgress, signal)).config;
	}

	async prepare(recipe: Recipe): Promise<void> {
		const { decoder } = await this.#loaded.get();
		if (!this.#runs.any) await compileRun(decoder, recipe);
	}

	train(job: TrainJob, onEvent: (event: TrainEvent) => void): TrainControl {
		return this.#runs.start(job, onEvent);
	}

	currentAdapter(runId: string): Promise<Adapter | null> {
		return this.#runs.currentAdapter(runId);
	}

	async generate(
		request: GenerateRequest,
		onReply: (index: number, reply: PromptReply) => void,
		signal: AbortSignal,
	): Promise<readonly PromptReply[]> {
		const model = await this.#loaded.get();
		return model.generate(request, await this.#adapterOf(request.adapter), onReply, signal);
	}

	async tokenize(
		pair: PreferencePair,
		maxLength: number,
	): Promise<{ chosen: Tokenized; rejected: Tokenized }> {
		return (await this.#loaded.get()).tokenize(pair, maxLength);
	}

	async tokenLogps(pairs: readonly PreferencePair[], adapter: AdapterChoice): Promise<readonly PairLogps[]> {
		const model = await this.#loaded.get();
		return model.tokenLogps(pairs, await this.#adapterOf(adapter));
	}

	async check(
		job: CheckJob,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	): Promise<CheckOutcome> {
		const { decoder, tools } = await this.#loaded.get();
		return runCheck(decoder, tools, job, onProgress, signal);
	}

	async attributeSpan(
		job: SpanJob,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	): Promise<SpanAttribution> {
		return (await this.#loaded.get()).attributeSpan(job, onProgress, signal);
	}

	async pairGradients(
		job: PairGradientJob,
		onPair: (pair: PairGradient) => void,
		signal: AbortSignal,
	): Promise<readonly PairGradient[]> {
		return (await this.#loaded.get()).pairGradients(job, onPair, signal);
	}

	async dispose(): Promise<void> {
		await this.#runs.stopAll();
		await this.#loaded.dispose();
	}

	async #adapterOf(adapter: AdapterChoice): Promise<Adapter | null> {
		return adapter !== null && 'runId' in adapter ? this.#runs.wholeAdapter(adapter.runId) : adapter;
	}
}
