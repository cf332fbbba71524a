/** The messages of a remote call. All messages of one call carry its id. */
import type { WireError } from '../errors.ts';

/** Client to server. */
export type ClientMessage =
	| { type: 'call'; id: number; name: string; input: unknown }
	/** Aborts the call's signal. */
	| { type: 'cancel'; id: number }
	| { type: 'control'; id: number; control: unknown };

/** Server to client; `result` or `error` is the last message of a call. */
export type ServerMessage =
	| { type: 'event'; id: number; event: unknown }
	| { type: 'result'; id: number; output: unknown }
	| { type: 'error'; id: number; error: WireError };

/** The part of an event that client and server read. */
export interface EndEvent {
	readonly type: string;
	/** Of `message` events. */
	readonly data?: unknown;
	/** Of `error` events, if the browser gives one. */
	readonly message?: unknown;
	preventDefault(): void;
}

/** The part of a Worker, of a worker's global scope or of a MessagePort that client and server use. */
export interface MessageEnd {
	postMessage(message: unknown, transfer: ArrayBuffer[]): void;
	addEventListener(type: string, listener: (event: EndEvent) => void): void;
	removeEventListener(type: string, listener: (event: EndEvent) => void): void;
}
