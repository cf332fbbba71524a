/**
 * Long lists that cross between threads in slices: the copy of tens of thousands of rows in one message would block the receiving
 * thread for seconds. The sender waits for a reply to each slice, so that the receiver does other work in between.
 */
import type { CallContext } from '#core/rpc/call.ts';
import type { RunningCall } from '#core/rpc/client.ts';

/** Largest slice, in units of {@link costOf}: a copy of a few milliseconds, unless a single row costs more. */
const SLICE = 2 ** 19;
/** Cost of an object and of a value in it; a character costs 1. Measured with imported pairs. */
const VALUE = 16;

/** About the time that copying a value takes. */
function costOf(value: unknown): number {
	if (typeof value === 'string') return VALUE + value.length;
	if (typeof value !== 'object' || value === null) return VALUE;
	let cost = VALUE;
	for (const inner of Object.values(value)) cost += costOf(inner);
	return cost;
}

/** The rows in order, in slices that are copied in a few milliseconds each; of an empty list one empty slice. */
export function* slicesOf<Row>(rows: readonly Row[]): Generator<Row[], void, undefined> {
	let slice: Row[] = [];
	let cost = 0;
	for (const row of rows) {
		cost += costOf(row);
		if (cost > SLICE && slice.length > 0) {
			yield slice;
			slice = [];
			cost = costOf(row);
		}
		slice.push(row);
	}
	if (slice.length > 0 || rows.length === 0) yield slice;
}

/** Lists by name. */
type Lists<Name extends string> = Readonly<Record<Name, readonly unknown[]>>;

/** The messages of a call that sends lists: a part of one list, and the reply to it. */
export type ListContext<Name extends string> = CallContext<
	{ list: Name; rows: readonly unknown[] },
	'received'
>;

/** Sends the lists to the client, which collects them with {@link ListReceiver}. */
export async function sendLists<Name extends string>(
	lists: Lists<Name>,
	{ emit, onControl }: ListContext<Name>,
): Promise<void> {
	let resume = (): void => undefined;
	onControl(() => {
		resume();
	});
	for (const list of Object.keys(lists) as Name[]) {
		for (const rows of slicesOf(lists[list])) {
			const received = new Promise<void>((resolve) => (resume = resolve));
			emit({ list, rows });
			await received;
		}
	}
}

/** Collects the lists of one call, as {@link sendLists} sends them. */
export class ListReceiver<L> {
	readonly #lists = new Map<string, unknown[]>();

	/** @param start starts the call; settles as the call does */
	receive<Output>(
		start: (
			onEvent: (slice: { list: keyof L & string; rows: readonly unknown[] }) => void,
		) => RunningCall<Output, 'received'>,
	): Promise<Output> {
		const call = start(({ list, rows }) => {
			const received = this.#lists.get(list) ?? [];
			this.#lists.set(list, received);
			for (const row of rows) received.push(row);
			call.control('received');
		});
		return call.result;
	}

	/** All lists, once the call has its result. */
	get lists(): L {
		return Object.fromEntries(this.#lists) as L;
	}
}
