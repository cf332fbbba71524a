/**
 * The client of a call table: sends calls to a worker and settles them with its answers.
 *
 * Errors arrive as their own classes (errors.ts). A worker that crashes or cannot be loaded fails every
 * pending and every later call.
 */
import { Cancelled, fromWire, type AppError } from '../errors.ts';
import type { CallTable, ControlOf, EventOf, InputOf, OutputOf } from './call.ts';
import type { ClientMessage, EndEvent, MessageEnd, ServerMessage } from './messages.ts';

export interface ClientOptions {
	/** Ends the worker; called once, when the client closes. */
	terminate: () => void;
	/** The error of every call if the worker crashes or cannot be loaded. */
	crashed: (detail: string) => AppError;
}

export interface CallOptions<Event> {
	onEvent?: ((event: Event) => void) | undefined;
	/**
	 * Cancels the call, even if its result is on the way. If the signal has fired already, nothing is sent.
	 */
	signal?: AbortSignal | undefined;
	/** Buffers of the input that move to the server instead of being copied; the caller must not use them afterwards. */
	transfer?: readonly ArrayBuffer[];
}

export interface RunningCall<Output, Control> {
	readonly result: Promise<Output>;
	/** Sends a control message; ignored once the call has settled. */
	readonly control: (control: Control) => void;
}

/** A call that has not settled. */
interface Pending {
	resolve: (output: unknown) => void;
	reject: (error: AppError) => void;
	onEvent: (event: unknown) => void;
	signal: AbortSignal | undefined;
}

export class RpcClient<Table extends CallTable<never>> {
	readonly #end: MessageEnd;
	readonly #options: ClientOptions;
	readonly #pending = new Map<number, Pending>();
	#nextId = 1;
	#closed: AppError | null = null;

	/** @param end the worker, or one end of a channel */
	constructor(end: MessageEnd, options: ClientOptions) {
		this.#end = end;
		this.#options = options;
		end.addEventListener('message', this.#onMessage);
		end.addEventListener('error', this.#onCrash);
		end.addEventListener('messageerror', this.#onCrash);
	}

	/** The error of every later call, if the worker is gone; null while it runs. */
	get closed(): AppError | null {
		return this.#closed;
	}

	/** @throws the error that the server sent, Cancelled, or {@link closed} */
	call<Name extends keyof Table & string>(
		name: Name,
		input: InputOf<Table[Name]>,
		options: CallOptions<EventOf<Table[Name]>> = {},
	): Promise<OutputOf<Table[Name]>> {
		return this.start(name, input, options).result;
	}

	/** {@link call} for a call that takes control messages. */
	start<Name extends keyof Table & string>(
		name: Name,
		input: InputOf<Table[Name]>,
		{ onEvent, signal, transfer }: CallOptions<EventOf<Table[Name]>> = {},
	): RunningCall<OutputOf<Table[Name]>, ControlOf<Table[Name]>> {
		const id = this.#nextId++;
		const whilePending = (message: ClientMessage): void => {
			if (this.#pending.has(id)) this.#post(message);
		};
		const cancel = (): void => whilePending({ type: 'cancel', id });
		const result = new Promise<unknown>((resolve, reject) => {
			if (this.#closed !== null) throw this.#closed;
			if (signal?.aborted === true) throw new Cancelled();
			this.#post({ type: 'call', id, name, input }, transfer);
			this.#pending.set(id, {
				resolve,
				reject,
				onEvent: (event) => onEvent?.(event),
				signal,
			});
			signal?.addEventListener('abort', cancel, { once: true });
		}).finally(() => signal?.removeEventListener('abort', cancel));
		return {
			result: result as Promise<OutputOf<Table[Name]>>,
			control: (control) => whilePending({ type: 'control', id, control }),
		};
	}

	/**
	 * Terminates the worker and fails the pending calls with `reason`. Does nothing if the client is closed.
	 */
	close(reason: AppError): void {
		if (this.#closed !== null) return;
		this.#closed = reason;
		this.#end.removeEventListener('message', this.#onMessage);
		this.#end.removeEventListener('error', this.#onCrash);
		this.#end.removeEventListener('messageerror', this.#onCrash);
		this.#options.terminate();
		for (const { reject } of this.#pending.values()) reject(reason);
		this.#pending.clear();
	}

	#post(message: ClientMessage, transfer: readonly ArrayBuffer[] = []): void {
		this.#end.postMessage(message, [...transfer]);
	}

	readonly #onMessage = (event: EndEvent): void => {
		const message = event.data as ServerMessage;
		const pending = this.#pending.get(message.id);
		if (pending === undefined) return;
		if (message.type === 'event') {
			pending.onEvent(message.event);
			return;
		}
		this.#pending.delete(message.id);
		if (message.type === 'error') pending.reject(fromWire(message.error));
		else if (pending.signal?.aborted === true) pending.reject(new Cancelled());
		else pending.resolve(message.output);
	};

	readonly #onCrash = (event: EndEvent): void => {
		// The calls report the error, so the page's error handler need not.
		event.preventDefault();
		this.close(this.#options.crashed(crashDetail(event)));
	};
}

function crashDetail({ type, message }: EndEvent): string {
	if (type === 'messageerror') return 'a message could not be read';
	return typeof message === 'string' && message !== '' ? message : 'its script could not be loaded';
}
