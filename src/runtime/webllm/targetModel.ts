/** The page's side of the target model in WebLLM: the port `TargetModel` over remote calls to a worker. */
import type { Adapter } from '#core/adapter/adapter.ts';
import { Cancelled, DeviceError } from '#core/errors.ts';
import type { ModelSource } from '#core/model/model.ts';
import type { Message } from '#core/output/output.ts';
import type { ChatReply, ChatRequest, Progress, TargetModel } from '#core/ports.ts';
import type { EventOf, InputOf, OutputOf } from '#core/rpc/call.ts';
import { RpcClient, type CallOptions } from '#core/rpc/client.ts';
import type { WEBLLM_CALLS } from './calls.ts';
import type { ChatReplyWithLogprobs } from './scored.ts';

type Calls = typeof WEBLLM_CALLS;

export class WebLlmTargetModel implements TargetModel {
	readonly #createWorker: () => Worker;
	/** Null before the first call; closed once its worker is gone, and replaced at the next call. */
	#rpc: RpcClient<Calls> | null = null;
	#id = '';

	/** @param createWorker starts src/worker/webllm.worker.ts; called at the first load */
	constructor(createWorker: () => Worker) {
		this.#createWorker = createWorker;
	}

	/** The loaded model's id; empty if none is loaded. */
	get id(): string {
		return this.#open === null ? '' : this.#id;
	}

	/**
	 * @param source its `url` may be relative to the page
	 * @throws DeviceError `webgpu-missing`, `webgpu-limit`; RemoteError, FormatError, StorageError of the files; Cancelled
	 */
	async load(
		source: ModelSource,
		onProgress: (progress: Progress) => void,
		signal: AbortSignal,
	): Promise<void> {
		const absolute = { ...source, url: new URL(source.url, location.href).href };
		const abandon = (): void => this.#rpc?.close(new Cancelled());
		if (signal.aborted) throw new Cancelled();
		// WebLLM cannot be stopped while it compiles its kernels, so an abort terminates the worker.
		signal.addEventListener('abort', abandon, { once: true });
		try {
			await this.#call('load', absolute, { onEvent: onProgress });
			this.#id = source.id;
		} finally {
			signal.removeEventListener('abort', abandon);
		}
	}

	/** The same request with the same seed gives the same answer. Chats with history are sent whole. */
	complete(
		request: ChatRequest,
		signal: AbortSignal,
		onText?: (textSoFar: string) => void,
	): Promise<ChatReply> {
		return this.#call('complete', plainRequest(request), { signal, onEvent: onText });
	}

	/**
	 * Like `complete`, with log-probabilities of each token and of the `top` likeliest at its position (at
	 * most 5).
	 */
	score(request: ChatRequest, top: number, signal?: AbortSignal): Promise<ChatReplyWithLogprobs> {
		return this.#call('score', { request: plainRequest(request), top }, { signal });
	}

	/**
	 * Writes the adapter into the running engine, after the answers to earlier requests; null or 0 is the
	 * base.
	 */
	async setAdapter(adapter: Adapter | null, strength: number): Promise<void> {
		await this.#call('setAdapter', { adapter, strength });
	}

	/** The ids that WebLLM feeds for these messages. */
	promptIds(messages: readonly Message[]): Promise<readonly number[]> {
		return this.#call('promptIds', plainMessages(messages));
	}

	async dispose(): Promise<void> {
		const rpc = this.#open;
		if (rpc === null) return;
		try {
			await rpc.call('dispose', undefined);
		} finally {
			rpc.close(new Cancelled());
		}
	}

	/** The client of a worker that runs, or null. */
	get #open(): RpcClient<Calls> | null {
		return this.#rpc?.closed === null ? this.#rpc : null;
	}

	async #call<Name extends keyof Calls>(
		name: Name,
		input: InputOf<Calls[Name]>,
		options: CallOptions<EventOf<Calls[Name]>> = {},
	): Promise<OutputOf<Calls[Name]>> {
		if (options.signal?.aborted === true) throw new Cancelled();
		const rpc = (this.#rpc = this.#open ?? this.#start());
		try {
			return await rpc.call(name, input, options);
		} catch (error) {
			// WebLLM cannot unload after it has lost its device: the next load starts a new worker.
			if (error instanceof DeviceError && error.code === 'device-lost') rpc.close(error);
			throw error;
		}
	}

	#start(): RpcClient<Calls> {
		const worker = this.#createWorker();
		this.#id = '';
		return new RpcClient(worker, { terminate: () => worker.terminate(), crashed: workerDied });
	}
}

function workerDied(detail: string): DeviceError {
	return new DeviceError(`WebLLM’s worker ended unexpectedly: ${detail}.`, {
		code: 'worker-died',
		hint: 'Load the model again; all answers so far are kept.',
	});
}

/** Copies without proxies: the page's state may be reactive, and proxies cannot be sent. */
function plainRequest({ messages, sampling, ...rest }: ChatRequest): ChatRequest {
	return { messages: plainMessages(messages), sampling: { ...sampling }, ...rest };
}

function plainMessages(messages: readonly Message[]): Message[] {
	return messages.map(({ role, content }) => ({ role, content }));
}
