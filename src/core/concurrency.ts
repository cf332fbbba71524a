/** Concurrency: many requests, a few at a time, and long work that lets other tasks run in between. */
import { asAppError, Cancelled, ShapeError, type AppError } from './errors.ts';

export type Settled<T> =
	| { state: 'done'; value: T }
	| { state: 'failed'; error: AppError }
	/** The run stopped before this row; nothing was sent. */
	| { state: 'not-asked' };

export interface MapOptions<T> {
	/** Called once per row, in the order of completion. */
	onSettled?: (index: number, settled: Settled<T>) => void;
	/** True if the remaining rows would fail in the same way (a refused key); no further row then starts. */
	stopWhen?: (error: AppError) => boolean;
}

/**
 * Applies `fn` to the items in order, with at most `concurrency` calls in flight.
 *
 * A failing row does not reject; its error is its result. A cancelled row counts as not asked, so that a stop
 * keeps the finished rows and a later call can do the rest.
 *
 * @param concurrency at least 1
 * @param signal      once it fires, no further row starts; `fn` receives it for the rows in flight
 * @returns one result per item, by index
 * @throws ShapeError if concurrency is below 1
 */
export async function mapWithConcurrency<Item, T>(
	items: readonly Item[],
	concurrency: number,
	fn: (item: Item, index: number, signal: AbortSignal) => Promise<T>,
	signal: AbortSignal,
	options: MapOptions<T> = {},
): Promise<readonly Settled<T>[]> {
	if (!(concurrency >= 1)) {
		throw new ShapeError(`mapWithConcurrency: concurrency is ${concurrency}, and must be at least 1.`, {
			code: 'concurrency-invalid',
			context: { concurrency },
		});
	}
	const results = items.map((): Settled<T> => ({ state: 'not-asked' }));
	const queue = items.entries();
	let stopped = false;

	const settle = async (index: number, item: Item): Promise<Settled<T>> => {
		try {
			return { state: 'done', value: await fn(item, index, signal) };
		} catch (thrown) {
			const error = asAppError(thrown);
			if (error instanceof Cancelled) return { state: 'not-asked' };
			if (options.stopWhen?.(error) === true) stopped = true;
			return { state: 'failed', error };
		}
	};
	// All workers share one iterator, so each row is taken once and rows start in order.
	const work = async (): Promise<void> => {
		while (!stopped && !signal.aborted) {
			const next = queue.next();
			if (next.done === true) return;
			const [index, item] = next.value;
			const settled = await settle(index, item);
			results[index] = settled;
			options.onSettled?.(index, settled);
		}
	};
	await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, work));
	return results;
}

/**
 * Resolves in a later task, so that waiting messages are handled, and the page paints, first. Promises alone resolve in the same
 * task. Uses a message: a nested timer of 0 ms costs 4 ms, and hidden tabs slow timers down.
 */
export function nextTask(): Promise<void> {
	return new Promise((resolve) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => {
			port1.close();
			resolve();
		};
		port2.postMessage(null);
	});
}
