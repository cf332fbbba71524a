/**
 * Engines that can be begun anew: one made at the first call, and another after `dispose`, or where the first crashed or lost
 * its device. The steps hold on to these and never see the change.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { ModelSource } from '#core/model/model.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type {
	AdapterChoice,
	ChatReply,
	ChatRequest,
	ComputeEngine,
	GenerateRequest,
	Progress,
	TargetModel,
	TrainControl,
	TrainEvent,
	TrainJob,
} from '#core/ports.ts';
import type { KernelSettings } from '#core/device/kernels.ts';
import { isCrash, isEngineLoss } from './engineLoss.ts';

interface Disposable {
	dispose(): Promise<void>;
}

class Restartable<Engine extends Disposable> {
	readonly #make: () => Engine;
	readonly #ends: (error: unknown) => boolean;
	readonly #onLost: () => void;
	#engine: Engine | null = null;

	/** @param ends true for errors after which the engine answers nothing more */
	constructor(make: () => Engine, ends: (error: unknown) => boolean, onLost: () => void) {
		this.#make = make;
		this.#ends = ends;
		this.#onLost = onLost;
	}

	get current(): Engine {
		return (this.#engine ??= this.#make());
	}

	/** True where an engine was made and is still there. */
	get made(): boolean {
		return this.#engine !== null;
	}

	/** Calls the engine; one that is lost is let go, and told of. */
	async call<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
		const engine = this.current;
		try {
			return await work(engine);
		} catch (error) {
			if (this.#ends(error) && this.#engine === engine) {
				this.#onLost();
				await this.dispose();
			}
			throw error;
		}
	}

	/** Lets the engine go; one that is broken may refuse, and is let go all the same. The next call makes a new one. */
	async dispose(): Promise<void> {
		const engine = this.#engine;
		this.#engine = null;
		await engine?.dispose().catch(() => undefined);
	}
}

export class RestartableCompute implements ComputeEngine {
	readonly #of: Restartable<ComputeEngine>;

	/** @param onLost called when the engine is lost; the next call makes a new one */
	constructor(make: () => ComputeEngine, onLost: () => void) {
		this.#of = new Restartable(make, isCrash, onLost);
	}

	device() {
		return this.#of.call((engine) => engine.device());
	}
	setKernels(settings: KernelSettings) {
		return this.#of.call((engine) => engine.setKernels(settings));
	}
	load(source: ModelSource, onProgress: (progress: Progress) => void, signal: AbortSignal) {
		return this.#of.call((engine) => engine.load(source, onProgress, signal));
	}
	prepare(recipe: Recipe) {
		return this.#of.call((engine) => engine.prepare(recipe));
	}
	train(job: TrainJob, onEvent: (event: TrainEvent) => void): TrainControl {
		return this.#of.current.train(job, onEvent);
	}
	currentAdapter(runId: string) {
		return this.#of.call((engine) => engine.currentAdapter(runId));
	}
	generate(
		request: GenerateRequest,
		onReply: (index: number, reply: ChatReply) => void,
		signal: AbortSignal,
	) {
		return this.#of.call((engine) => engine.generate(request, onReply, signal));
	}
	tokenize(pair: PreferencePair, maxLength: number) {
		return this.#of.call((engine) => engine.tokenize(pair, maxLength));
	}
	tokenLogps(pair: PreferencePair, adapter: AdapterChoice) {
		return this.#of.call((engine) => engine.tokenLogps(pair, adapter));
	}
	dispose(): Promise<void> {
		return this.#of.dispose();
	}
}

export class RestartableTarget implements TargetModel {
	readonly #of: Restartable<TargetModel>;

	/** @param onLost called when the engine is lost; the next call makes a new one */
	constructor(make: () => TargetModel, onLost: () => void) {
		this.#of = new Restartable(make, isEngineLoss, onLost);
	}

	get id(): string {
		return this.#of.current.id;
	}
	load(source: ModelSource, onProgress: (progress: Progress) => void, signal: AbortSignal) {
		return this.#of.call((engine) => engine.load(source, onProgress, signal));
	}
	/** An engine that is not there has no adapter to take off. */
	setAdapter(adapter: Adapter | null, strength: number) {
		if (adapter === null && !this.#of.made) return Promise.resolve();
		return this.#of.call((engine) => engine.setAdapter(adapter, strength));
	}
	complete(request: ChatRequest, signal: AbortSignal, onText?: (textSoFar: string) => void) {
		return this.#of.call((engine) => engine.complete(request, signal, onText));
	}
	dispose(): Promise<void> {
		return this.#of.dispose();
	}
}
