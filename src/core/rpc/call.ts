/**
 * Remote calls as a table: one row per call holds the function that answers it, its types and its transfer lists.
 *
 * Client (client.ts) and server (server.ts) read everything they need from the table, so a new call is one new row. If a
 * class on the page implements a port with the client, the class also needs a one-line method for the call.
 *
 *     const call = callsOf<Clock>();
 *     export const CLOCK_CALLS = {
 *         now: call((clock) => clock.now()),
 *         tick: call((clock, ms: number, { emit, signal }: CallContext<number>) => clock.tick(ms, emit, signal)),
 *     };
 */

/** The signal and the messages of a running call; Event goes to the client, Control comes from it. */
export interface CallContext<Event = never, Control = never> {
	/** Aborted when the client cancels the call. The call then fails with `Cancelled`, also if it throws another error. */
	readonly signal: AbortSignal;
	/** Sends an event to the client; events arrive in order and before the result. */
	readonly emit: (event: Event) => void;
	/** Sets the listener for the client's control messages. Call it before the first `await`: earlier messages are dropped. */
	readonly onControl: (listener: (control: Control) => void) => void;
}

/** Buffers that are moved to the client instead of copied; the service must not use them afterwards. */
export interface TransferLists<Output, Event> {
	readonly output?: (output: Output) => readonly ArrayBufferLike[];
	readonly event?: (event: Event) => readonly ArrayBufferLike[];
}

/** One row of a table. `Service` is the object on the server that the calls are made to. */
export interface Call<Service, Input, Output, Event, Control> {
	readonly answer: (
		service: Service,
		input: Input,
		context: CallContext<Event, Control>,
	) => Output | Promise<Output>;
	readonly transfer: TransferLists<Output, Event>;
}

/** Any row for a service: every {@link Call} is assignable to it. The server passes it values from messages, which have no type. */
export interface AnyCall<Service> {
	readonly answer: (service: Service, input: never, context: CallContext<unknown>) => unknown;
	readonly transfer: TransferLists<never, never>;
}

export type CallTable<Service> = Readonly<Record<string, AnyCall<Service>>>;

export type InputOf<C extends AnyCall<never>> = Parameters<C['answer']>[1];
export type OutputOf<C extends AnyCall<never>> = Awaited<ReturnType<C['answer']>>;
export type EventOf<C extends AnyCall<never>> = Parameters<ContextOf<C>['emit']>[0];
export type ControlOf<C extends AnyCall<never>> = Parameters<Parameters<ContextOf<C>['onControl']>[0]>[0];
type ContextOf<C extends AnyCall<never>> = Parameters<C['answer']>[2];

/** Makes the rows of a table for one service; the other types follow from the function that answers. */
export function callsOf<Service>() {
	return <Output, Input = undefined, Event = never, Control = never>(
		answer: Call<Service, Input, Output, Event, Control>['answer'],
		transfer: TransferLists<Output, Event> = {},
	): Call<Service, Input, Output, Event, Control> => ({ answer, transfer });
}
