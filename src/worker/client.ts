/**
 * The compute worker as the page sees it: the port `ComputeEngine` over messages.
 *
 * Knows nothing of tensors or models. Errors arrive as their own classes; a worker that dies fails every call under way.
 */
import type { Adapter } from '#core/adapter/adapter.ts';
import { AppError, Cancelled, fromWire } from '#core/errors.ts';
import type { ModelConfig, ModelSource } from '#core/model/model.ts';
import type { PreferencePair } from '#core/pair/pair.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type {
	AdapterChoice,
	ChatReply,
	ComputeEngine,
	DeviceReport,
	GenerateRequest,
	Progress,
	TrainControl,
	TrainEvent,
	TrainJob,
} from '#core/ports.ts';
import type { KernelSettings } from '#core/device/kernels.ts';
import type {
	CallName,
	ComputeMessage,
	ComputeRequest,
	ControlAction,
	MessageEnd,
	Payload,
	Result,
} from './protocol.ts';

/** One call under way. */
interface Pending {
	resolve: (result: unknown) => void;
	reject: (error: AppError) => void;
	onProgress?: (progress: Progress) => void;
	onReply?: (index: number, reply: ChatReply) => void;
	onEvent?: (event: TrainEvent) => void;
}

type Hooks = Pick<Pending, 'onProgress' | 'onReply' | 'onEvent'>;

export class ComputeClient implements ComputeEngine {
	readonly #end: MessageEnd;
	readonly #terminate: () => void;
	readonly #pending = new Map<number, Pending>();
	#nextId = 1;
	/** Set once the worker is gone; every later call fails with it. */
	#gone: AppError | null = null;

	/**
	 * @param end       the worker, or one end of a channel
	 * @param terminate ends the worker; called by `dispose`
	 */
	constructor(end: MessageEnd, terminate: () => void) {
		this.#end = end;
		this.#terminate = terminate;
		end.addEventListener('message', this.#onMessage);
		end.addEventListener('error', this.#onCrash);
		end.addEventListener('messageerror', this.#onCrash);
	}

	device(): Promise<DeviceReport> {
		return this.#call('device', null).result;
	}

	setKernels(settings: KernelSettings): Promise<DeviceReport> {
		return this.#call('setKernels', settings).result;
	}

	load(
		source: ModelSource,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	): Promise<ModelConfig> {
		return this.#cancellable('load', source, { onProgress }, signal);
	}

	async prepare(recipe: Recipe): Promise<void> {
		await this.#call('prepare', recipe).result;
	}

	train(job: TrainJob, onEvent: (event: TrainEvent) => void): TrainControl {
		const { id, result } = this.#call('train', job, { onEvent });
		const control = (action: ControlAction): void => {
			if (this.#pending.has(id)) this.#post({ type: 'control', id, action });
		};
		return {
			pause: () => control('pause'),
			resume: () => control('resume'),
			step: () => control('step'),
			stop: (keep) => control(keep ? 'stop-keep' : 'stop-discard'),
			finished: result.then(() => undefined),
		};
	}

	currentAdapter(runId: string): Promise<Adapter | null> {
		return this.#call('currentAdapter', runId).result;
	}

	generate(
		request: GenerateRequest,
		onReply: (index: number, reply: ChatReply) => void,
		signal: AbortSignal,
	): Promise<readonly ChatReply[]> {
		return this.#cancellable('generate', request, { onReply }, signal);
	}

	tokenize(pair: PreferencePair, maxLength: number): Promise<Result<'tokenize'>> {
		return this.#call('tokenize', { pair, maxLength }).result;
	}

	tokenLogps(
		pair: PreferencePair,
		adapter: AdapterChoice,
	): Promise<{ chosen: Float32Array; rejected: Float32Array }> {
		return this.#call('tokenLogps', { pair, adapter }).result;
	}

	/** Frees the device and ends the worker; calls under way end as cancelled. */
	async dispose(): Promise<void> {
		if (this.#gone !== null) return;
		try {
			await this.#call('dispose', null).result;
		} finally {
			this.#fail(new Cancelled('The compute worker was closed.'));
			this.#end.removeEventListener('message', this.#onMessage);
			this.#end.removeEventListener('error', this.#onCrash);
			this.#end.removeEventListener('messageerror', this.#onCrash);
			this.#terminate();
		}
	}

	#call<N extends CallName>(
		name: N,
		payload: Payload<N>,
		hooks: Hooks = {},
	): { id: number; result: Promise<Result<N>> } {
		const id = this.#nextId++;
		const result = new Promise<Result<N>>((resolve, reject) => {
			if (this.#gone !== null) {
				reject(this.#gone);
				return;
			}
			this.#pending.set(id, { resolve: resolve as (result: unknown) => void, reject, ...hooks });
			this.#post({ type: 'call', id, name, payload } as ComputeRequest);
		});
		return { id, result };
	}

	async #cancellable<N extends CallName>(
		name: N,
		payload: Payload<N>,
		hooks: Hooks,
		signal: AbortSignal,
	): Promise<Result<N>> {
		if (signal.aborted) throw new Cancelled();
		const { id, result } = this.#call(name, payload, hooks);
		const cancel = (): void => this.#post({ type: 'cancel', id });
		signal.addEventListener('abort', cancel, { once: true });
		try {
			return await result;
		} finally {
			signal.removeEventListener('abort', cancel);
		}
	}

	#post(request: ComputeRequest): void {
		this.#end.postMessage(request, []);
	}

	readonly #onMessage = (event: Event): void => {
		const message = (event as MessageEvent<ComputeMessage>).data;
		const pending = this.#pending.get(message.id);
		if (pending === undefined) return;
		switch (message.type) {
			case 'result':
				this.#pending.delete(message.id);
				pending.resolve(message.result);
				break;
			case 'error':
				this.#pending.delete(message.id);
				pending.reject(fromWire(message.error));
				break;
			case 'progress':
				pending.onProgress?.(message.progress);
				break;
			case 'reply':
				pending.onReply?.(message.index, message.reply);
				break;
			case 'event':
				pending.onEvent?.(message.event);
				break;
		}
	};

	readonly #onCrash = (event: Event): void => {
		const detail =
			'message' in event && typeof event.message === 'string' ? event.message : 'a message was lost';
		this.#fail(
			new AppError(`The compute worker stopped: ${detail}.`, {
				code: 'worker-crashed',
				hint: 'Reload the page; a run that was training goes on from its last checkpoint.',
			}),
		);
	};

	#fail(error: AppError): void {
		this.#gone = error;
		for (const pending of this.#pending.values()) pending.reject(error);
		this.#pending.clear();
	}
}
