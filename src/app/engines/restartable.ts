/**
 * Engines that can be restarted: one is made at the first call, and another after `dispose`, a crash or a lost device. Steps keep
 * a reference to these and do not notice the change. A call whose engine is disposed of before it ends reports a loss, so that
 * a run which shares the engine continues with the next one.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { CheckJob } from '#core/checks/check.ts';
import type { ModelSource } from '#core/model/model.ts';
import type { PairGradient } from '#core/loss/pairGradient.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type {
	AdapterChoice,
	PromptReply,
	ChatRequest,
	ComputeEngine,
	GenerateRequest,
	PairGradientJob,
	Progress,
	SpanJob,
	TargetModel,
	TrainControl,
	TrainEvent,
	TrainJob,
} from '#core/ports.ts';
import type { KernelSettings } from '#core/device/kernels.ts';
import { engineRestarted, isCrash, isEngineLoss } from './engineLoss.ts';

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

	/** True if an engine was made and not disposed of. */
	get made(): boolean {
		return this.#engine !== null;
	}

	/** Calls the engine. If it is lost, disposes of it and reports it. */
	async call<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
		const engine = this.current;
		try {
			return await work(engine);
		} catch (error) {
			if (this.isDisposed(engine)) throw isEngineLoss(error) ? error : engineRestarted(error);
			if (this.#ends(error)) {
				this.#onLost();
				await this.dispose();
			}
			throw error;
		}
	}

	isDisposed(engine: Engine): boolean {
		return this.#engine !== engine;
	}

	/** Disposes of the engine, also if it is broken and refuses. The next call makes a new one. */
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
		const engine = this.#of.current;
		let stopping = false;
		/** Disposing of an engine stops its runs. To the run that is a loss: it continues from its last checkpoint. */
		const isCut = (event: TrainEvent): boolean =>
			event.type === 'stopped' && !stopping && this.#of.isDisposed(engine);
		let cut = false;
		const control = engine.train(job, (event) => {
			if (isCut(event)) cut = true;
			else onEvent(event);
		});
		const finished = async (): Promise<void> => {
			try {
				await control.finished;
			} catch (error) {
				throw this.#of.isDisposed(engine) && !isEngineLoss(error) ? engineRestarted(error) : error;
			}
			if (cut) throw engineRestarted();
		};
		return {
			pause: () => control.pause(),
			resume: () => control.resume(),
			step: () => control.step(),
			stop: (keep) => {
				stopping = true;
				control.stop(keep);
			},
			finished: finished(),
		};
	}
	currentAdapter(runId: string) {
		return this.#of.call((engine) => engine.currentAdapter(runId));
	}
	generate(
		request: GenerateRequest,
		onReply: (index: number, reply: PromptReply) => void,
		signal: AbortSignal,
	) {
		return this.#of.call((engine) => engine.generate(request, onReply, signal));
	}
	check(job: CheckJob, onProgress: (progress: Progress) => void, signal: AbortSignal) {
		return this.#of.call((engine) => engine.check(job, onProgress, signal));
	}
	tokenize(pair: PreferencePair, maxLength: number) {
		return this.#of.call((engine) => engine.tokenize(pair, maxLength));
	}
	tokenLogps(pairs: readonly PreferencePair[], adapter: AdapterChoice) {
		return this.#of.call((engine) => engine.tokenLogps(pairs, adapter));
	}
	attributeSpan(job: SpanJob, onProgress: (progress: Progress) => void, signal: AbortSignal) {
		return this.#of.call((engine) => engine.attributeSpan(job, onProgress, signal));
	}
	pairGradients(job: PairGradientJob, onPair: (pair: PairGradient) => void, signal: AbortSignal) {
		return this.#of.call((engine) => engine.pairGradients(job, onPair, signal));
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
	/** An engine that was never created has no adapter to remove. */
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
