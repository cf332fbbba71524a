/**
 * The reference model of a run as its steps see it. For a run that begins from an adapter (its parent), “no adapter” is base + parent,
 * and an adapter of the run is applied on top. The engines hold the plain base and get the stack of both; the trainer merges the parent.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import { stackAdapters } from '#core/adapter/stack.ts';
import type { CheckJob, CheckOutcome } from '#core/checks/check.ts';
import type { SpanAttribution } from '#core/loss/attribution.ts';
import type { PairGradient } from '#core/loss/pairGradient.ts';
import type { ModelConfig, ModelSource } from '#core/model/model.ts';
import type { Message, Sampling } from '#core/output/output.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type {
	AdapterChoice,
	ChatReply,
	ChatRequest,
	ComputeEngine,
	DeviceReport,
	GenerateRequest,
	PairGradientJob,
	PairLogps,
	Progress,
	PromptReply,
	SpanJob,
	TargetModel,
	Tokenized,
	TrainControl,
	TrainEvent,
	TrainJob,
} from '#core/ports.ts';
import type { KernelSettings } from '#core/device/kernels.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { isBatchModel, type BatchModel } from './computeTarget.ts';

/** An adapter for the plain base, and its strength. */
export interface Applied {
	adapter: Adapter | null;
	strength: number;
}

/** Applies adapters of a run on top of its parent. */
export class Reference {
	/** The adapter that the run begins from, for the plain base; null for the base itself. */
	readonly parent: () => Promise<Adapter | null>;
	/** Stacks at strength 1, by the run's own adapter: a checkpoint is used many times. */
	readonly #stacks = new WeakMap<Adapter, Adapter>();

	constructor(parent: () => Promise<Adapter | null>) {
		this.parent = parent;
	}

	/** @param own null or strength 0 for the reference model */
	async applied(own: Adapter | null, strength: number): Promise<Applied> {
		const parent = await this.parent();
		if (parent === null) return { adapter: own, strength };
		if (own === null || strength === 0) return { adapter: parent, strength: 1 };
		return { adapter: this.#stack(parent, own, strength), strength: 1 };
	}

	#stack(parent: Adapter, own: Adapter, strength: number): Adapter {
		if (strength !== 1) return stackAdapters(parent, own, strength);
		const stack = this.#stacks.get(own) ?? stackAdapters(parent, own);
		this.#stacks.set(own, stack);
		return stack;
	}
}

const isOfRun = (adapter: AdapterChoice): adapter is { runId: string } =>
	adapter !== null && 'runId' in adapter;

/** The compute engine with a run's reference model as its base. */
export class ReferenceCompute implements ComputeEngine {
	readonly #engine: ComputeEngine;
	readonly #reference: Reference;

	constructor(engine: ComputeEngine, reference: Reference) {
		this.#engine = engine;
		this.#reference = reference;
	}

	device(): Promise<DeviceReport> {
		return this.#engine.device();
	}

	setKernels(settings: KernelSettings): Promise<DeviceReport> {
		return this.#engine.setKernels(settings);
	}

	load(
		source: ModelSource,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	): Promise<ModelConfig> {
		return this.#engine.load(source, onProgress, signal);
	}

	prepare(recipe: Recipe): Promise<void> {
		return this.#engine.prepare(recipe);
	}

	train(job: TrainJob, onEvent: (event: TrainEvent) => void): TrainControl {
		if (job.recipe.begin === undefined) return this.#engine.train(job, onEvent);
		return new LaterTraining(async () => {
			return this.#engine.train(await this.#begun(job), onEvent);
		});
	}

	currentAdapter(runId: string): Promise<Adapter | null> {
		return this.#engine.currentAdapter(runId);
	}

	async generate(
		request: GenerateRequest,
		onReply: (index: number, reply: PromptReply) => void,
		signal: AbortSignal,
	): Promise<readonly PromptReply[]> {
		const { adapter, strength } = request;
		const own = isOfRun(adapter) ? await this.currentAdapter(adapter.runId) : adapter;
		const applied = await this.#reference.applied(own, strength);
		return this.#engine.generate({ ...request, ...applied }, onReply, signal);
	}

	tokenize(pair: PreferencePair, maxLength: number): Promise<{ chosen: Tokenized; rejected: Tokenized }> {
		return this.#engine.tokenize(pair, maxLength);
	}

	async tokenLogps(pairs: readonly PreferencePair[], adapter: AdapterChoice): Promise<readonly PairLogps[]> {
		const own = isOfRun(adapter) ? await this.currentAdapter(adapter.runId) : adapter;
		return this.#engine.tokenLogps(pairs, (await this.#reference.applied(own, 1)).adapter);
	}

	async check(
		job: CheckJob,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	): Promise<CheckOutcome> {
		return this.#engine.check(await this.#begun(job), onProgress, signal);
	}

	async attributeSpan(
		job: SpanJob,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	): Promise<SpanAttribution> {
		return this.#engine.attributeSpan(await this.#begun(job), onProgress, signal);
	}

	async pairGradients(
		job: PairGradientJob,
		onPair: (pair: PairGradient) => void,
		signal: AbortSignal,
	): Promise<readonly PairGradient[]> {
		return this.#engine.pairGradients(await this.#begun(job), onPair, signal);
	}

	dispose(): Promise<void> {
		return this.#engine.dispose();
	}

	/** The job on top of the parent. */
	async #begun<Job extends { begin?: Adapter }>(job: Job): Promise<Job> {
		const parent = await this.#reference.parent();
		return parent === null ? job : { ...job, begin: parent };
	}
}

/** A training that starts when its parent is read; requests before that are kept. */
class LaterTraining implements TrainControl {
	readonly finished: Promise<void>;
	readonly #started: Promise<TrainControl>;

	constructor(start: () => Promise<TrainControl>) {
		this.#started = start();
		this.finished = this.#started.then((control) => control.finished);
	}

	pause(): void {
		this.#request((control) => control.pause());
	}

	resume(): void {
		this.#request((control) => control.resume());
	}

	step(): void {
		this.#request((control) => control.step());
	}

	stop(keep: boolean): void {
		this.#request((control) => control.stop(keep));
	}

	/** A parent that cannot be read rejects `finished`. */
	#request(send: (control: TrainControl) => void): void {
		this.#started.then(send).catch(() => undefined);
	}
}

/** The answering engine with a run's reference model as its base. Answers many prompts at once if the engine does. */
export function referenceTarget(engine: TargetModel, reference: Reference): TargetModel {
	return isBatchModel(engine)
		? new ReferenceBatchTarget(engine, reference)
		: new ReferenceTarget(engine, reference);
}

class ReferenceTarget implements TargetModel {
	readonly #engine: TargetModel;
	readonly #reference: Reference;

	constructor(engine: TargetModel, reference: Reference) {
		this.#engine = engine;
		this.#reference = reference;
	}

	get id(): string {
		return this.#engine.id;
	}

	load(source: ModelSource, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<void> {
		return this.#engine.load(source, onProgress, signal);
	}

	async setAdapter(adapter: Adapter | null, strength: number): Promise<void> {
		const applied = await this.#reference.applied(adapter, strength);
		await this.#engine.setAdapter(applied.adapter, applied.strength);
	}

	complete(
		request: ChatRequest,
		signal: AbortSignal,
		onText?: (textSoFar: string) => void,
	): Promise<ChatReply> {
		return this.#engine.complete(request, signal, onText);
	}

	dispose(): Promise<void> {
		return this.#engine.dispose();
	}
}

class ReferenceBatchTarget extends ReferenceTarget implements BatchModel {
	readonly #batch: TargetModel & BatchModel;

	constructor(engine: TargetModel & BatchModel, reference: Reference) {
		super(engine, reference);
		this.#batch = engine;
	}

	completeMany(
		prompts: readonly (readonly Message[])[],
		sampling: Sampling,
		onReply: (index: number, reply: PromptReply) => void,
		signal: AbortSignal,
	): Promise<void> {
		return this.#batch.completeMany(prompts, sampling, onReply, signal);
	}
}
