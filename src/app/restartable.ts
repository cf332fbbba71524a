/**
 * Engines that can be begun anew: one made at the first call, and another after `restart`, where the first crashed or lost its
 * device. The steps hold on to these and never see the change.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import type { ModelSource } from '#core/model/model.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type {
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

interface Disposable {
	dispose(): Promise<void>;
}

class Restartable<Engine extends Disposable> {
	readonly #make: () => Engine;
	#engine: Engine | null = null;

	constructor(make: () => Engine) {
		this.#make = make;
	}

	get current(): Engine {
		return (this.#engine ??= this.#make());
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

	constructor(make: () => ComputeEngine) {
		this.#of = new Restartable(make);
	}

	device() {
		return this.#of.current.device();
	}
	load(source: ModelSource, onProgress: (progress: Progress) => void, signal: AbortSignal) {
		return this.#of.current.load(source, onProgress, signal);
	}
	train(job: TrainJob, onEvent: (event: TrainEvent) => void): TrainControl {
		return this.#of.current.train(job, onEvent);
	}
	currentAdapter() {
		return this.#of.current.currentAdapter();
	}
	generate(
		request: GenerateRequest,
		onReply: (index: number, reply: ChatReply) => void,
		signal: AbortSignal,
	) {
		return this.#of.current.generate(request, onReply, signal);
	}
	tokenize(pair: PreferencePair, maxLength: number) {
		return this.#of.current.tokenize(pair, maxLength);
	}
	tokenLogps(pair: PreferencePair, adapter: Adapter | 'current' | null) {
		return this.#of.current.tokenLogps(pair, adapter);
	}
	dispose(): Promise<void> {
		return this.#of.dispose();
	}
}

export class RestartableTarget implements TargetModel {
	readonly #of: Restartable<TargetModel>;

	constructor(make: () => TargetModel) {
		this.#of = new Restartable(make);
	}

	get id(): string {
		return this.#of.current.id;
	}
	load(source: ModelSource, onProgress: (progress: Progress) => void, signal: AbortSignal) {
		return this.#of.current.load(source, onProgress, signal);
	}
	setAdapter(adapter: Adapter | null, strength: number) {
		return this.#of.current.setAdapter(adapter, strength);
	}
	complete(request: ChatRequest, signal: AbortSignal, onText?: (textSoFar: string) => void) {
		return this.#of.current.complete(request, signal, onText);
	}
	dispose(): Promise<void> {
		return this.#of.dispose();
	}
}
