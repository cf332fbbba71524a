/** The server of a call table: answers the calls that arrive from a client with the functions of the table. */
import { Cancelled, ShapeError, toWire } from '../errors.ts';
import type { CallContext, CallTable } from './call.ts';
import type { ClientMessage, MessageEnd, ServerMessage } from './messages.ts';

export interface ServerOptions {
	/** Starts a call when the previous call has settled. Default: calls run side by side. */
	inOrder?: boolean;
}

/** Answers the calls that arrive at `end` for as long as the thread lives. */
export function serveCalls<Service>(
	end: MessageEnd,
	table: CallTable<Service>,
	service: Service,
	options: ServerOptions = {},
): void {
	const server = new Server(end, table, service, options);
	// A worker's scope also receives messages for others, which have no id.
	end.addEventListener('message', ({ data }) => {
		if (typeof data === 'object' && data !== null && 'id' in data) server.receive(data as ClientMessage);
	});
}

type CallMessage = Extract<ClientMessage, { type: 'call' }>;

/** A call that arrived and has not settled. */
interface Running {
	readonly cancel: AbortController;
	onControl: (control: never) => void;
}

class Server<Service> {
	readonly #end: MessageEnd;
	readonly #table: CallTable<Service>;
	readonly #service: Service;
	readonly #inOrder: boolean;
	readonly #running = new Map<number, Running>();
	/** Settles after the last call in order; never rejects. */
	#last: Promise<void> = Promise.resolve();

	constructor(end: MessageEnd, table: CallTable<Service>, service: Service, { inOrder }: ServerOptions) {
		this.#end = end;
		this.#table = table;
		this.#service = service;
		this.#inOrder = inOrder ?? false;
	}

	receive(message: ClientMessage): void {
		switch (message.type) {
			case 'call':
				this.#accept(message);
				break;
			case 'cancel':
				this.#running.get(message.id)?.cancel.abort();
				break;
			case 'control':
				this.#running.get(message.id)?.onControl(message.control as never);
				break;
		}
	}

	#accept(message: CallMessage): void {
		const running: Running = { cancel: new AbortController(), onControl: () => undefined };
		this.#running.set(message.id, running);
		if (this.#inOrder) this.#last = this.#last.then(() => this.#answer(message, running));
		else void this.#answer(message, running);
	}

	/** Never rejects. */
	async #answer({ id, name, input }: CallMessage, running: Running): Promise<void> {
		const { signal } = running.cancel;
		try {
			const call = this.#table[name];
			if (call === undefined) throw new ShapeError(`No call is named "${name}".`, { code: 'unknown-call' });
			if (signal.aborted) throw new Cancelled();
			const context: CallContext<unknown> = {
				signal,
				emit: (event) => this.#send({ type: 'event', id, event }, call.transfer.event?.(event as never)),
				onControl: (listener) => {
					running.onControl = listener;
				},
			};
			const output = await call.answer(this.#service, input as never, context);
			this.#send({ type: 'result', id, output }, call.transfer.output?.(output as never));
		} catch (thrown) {
			this.#send({ type: 'error', id, error: toWire(signal.aborted ? new Cancelled() : thrown) });
		} finally {
			this.#running.delete(id);
		}
	}

	#send(message: ServerMessage, buffers: readonly ArrayBufferLike[] = []): void {
		// A transfer list may have each buffer only once, and no shared memory.
		const transfer = [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer);
		this.#end.postMessage(message, transfer);
	}
}
