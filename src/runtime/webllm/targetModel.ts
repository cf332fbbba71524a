/** The target model in WebLLM, as the page sees it: every call goes to a worker of its own and comes back typed. */
import type { Adapter } from '#core/adapter/adapter.ts';
import { Cancelled, DeviceError, fromWire } from '#core/errors.ts';
import type { ModelSource } from '#core/model/model.ts';
import type { Message } from '#core/output/output.ts';
import type { ChatReply, ChatRequest, Progress, TargetModel } from '#core/ports.ts';
import type {
	AnswerMessage,
	CallName,
	CancelMessage,
	ChatReplyWithLogprobs,
	WebLlmCalls,
} from './protocol.ts';

interface CallOptions {
	signal?: AbortSignal;
	onProgress?: ((progress: Progress) => void) | undefined;
	onText?: ((textSoFar: string) => void) | undefined;
}

type Fail = (error: Error) => void;

const NEVER = new AbortController().signal;

export class WebLlmTargetModel implements TargetModel {
	readonly #createWorker: () => Worker;
	#worker: Worker | null = null;
	#id = '';
	/** Calls in flight: rejected together when the worker dies. */
	readonly #inFlight = new Set<Fail>();

	/** @param createWorker starts src/worker/webllm.worker.ts; called at the first load */
	constructor(createWorker: () => Worker) {
		this.#createWorker = createWorker;
	}

	/** The loaded model's id; empty before. */
	get id(): string {
		return this.#id;
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
		const abandon = (): void => this.#terminate(new Cancelled());
		if (signal.aborted) throw new Cancelled();
		// WebLLM cannot be stopped while it compiles its kernels, so the whole worker goes.
		signal.addEventListener('abort', abandon, { once: true });
		try {
			await this.#call('load', absolute, { onProgress });
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
		return this.#call('complete', plainRequest(request), { signal, onText });
	}

	/** As `complete`, with log-probabilities of each token and of the `top` likeliest in its place (at most 5). */
	score(request: ChatRequest, top: number, signal: AbortSignal = NEVER): Promise<ChatReplyWithLogprobs> {
		return this.#call('score', { request: plainRequest(request), top }, { signal });
	}

	/** Writes the adapter into the running engine, after the answers that were asked for before; null or 0 is the base. */
	async setAdapter(adapter: Adapter | null, strength: number): Promise<void> {
		await this.#call('setAdapter', { adapter, strength }, {});
	}

	/** The ids that WebLLM feeds for these messages. */
	promptIds(messages: readonly Message[]): Promise<readonly number[]> {
		return this.#call('promptIds', plainMessages(messages), {});
	}

	async dispose(): Promise<void> {
		if (this.#worker === null) return;
		try {
			await this.#call('dispose', null, {});
		} finally {
			this.#terminate(new Cancelled());
		}
	}

	#call<Name extends CallName>(
		name: Name,
		input: WebLlmCalls[Name]['input'],
		options: CallOptions,
	): Promise<WebLlmCalls[Name]['output']> {
		const { signal = NEVER, onProgress, onText } = options;
		if (signal.aborted) return Promise.reject(new Cancelled());
		const worker = (this.#worker ??= this.#start());
		const { port1, port2 } = new MessageChannel();
		const cancel = (): void => port1.postMessage({ type: 'cancel' } satisfies CancelMessage);
		return new Promise<WebLlmCalls[Name]['output']>((resolve, reject) => {
			const end = (): void => {
				this.#inFlight.delete(fail);
				signal.removeEventListener('abort', cancel);
				port1.close();
			};
			const fail = (error: Error): void => {
				end();
				reject(error);
			};
			this.#inFlight.add(fail);
			port1.onmessage = ({ data }: MessageEvent<AnswerMessage>) => {
				if (data.type === 'progress') onProgress?.(data.progress);
				else if (data.type === 'text') onText?.(data.text);
				else if (data.type === 'failed') {
					const error = fromWire(data.error);
					fail(error);
					// WebLLM cannot be taken down in order after that; the next load begins with a fresh worker.
					if (error.code === 'device-lost') this.#terminate(error);
				} else {
					end();
					resolve(data.output as WebLlmCalls[Name]['output']);
				}
			};
			signal.addEventListener('abort', cancel, { once: true });
			worker.postMessage({ name, input }, [port2]);
		});
	}

	#start(): Worker {
		const worker = this.#createWorker();
		// A script that cannot be loaded or an error outside every call: nobody would ever answer.
		worker.onerror = (event) => {
			event.preventDefault();
			this.#terminate(workerDied(event.message));
		};
		return worker;
	}

	#terminate(reason: Error): void {
		this.#worker?.terminate();
		this.#worker = null;
		this.#id = '';
		for (const fail of [...this.#inFlight]) fail(reason);
	}
}

function workerDied(message: string | undefined): DeviceError {
	return new DeviceError(
		`WebLLM’s worker ended unexpectedly${message === undefined ? '' : `: ${message}`}.`,
		{
			code: 'worker-died',
			hint: 'Load the model again; all answers so far are kept.',
		},
	);
}

/** Copies without proxies: the page's state may be reactive, and proxies cannot be sent. */
function plainRequest({ messages, sampling }: ChatRequest): ChatRequest {
	return { messages: plainMessages(messages), sampling: { ...sampling } };
}

function plainMessages(messages: readonly Message[]): Message[] {
	return messages.map(({ role, content }) => ({ role, content }));
}
