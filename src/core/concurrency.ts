/** Many requests, a few at a time: how revisions are asked. Every row ends with its value, its failure, or not asked at all. */
import { asAppError, Cancelled, ShapeError, type AppError } from './errors.ts';

export type Settled<T> =
	| { state: 'done'; value: T }
	| { state: 'failed'; error: AppError }
	/** Stopped before its turn came; nothing was sent. */
	| { state: 'not-asked' };

export interface MapOptions<T> {
	/** Called once a row, in the order in which rows end. */
	onSettled?: (index: number, settled: Settled<T>) => void;
	/** A failure that the rows after it would only repeat (a refused key): rows that have not begun are left unasked. */
	stopWhen?: (error: AppError) => boolean;
}

/**
 * Applies `fn` to every item with at most `concurrency` of them in flight, in order of the list.
 *
 * Never rejects for a row: what a row threw is its own result. A cancelled row counts as not asked, so that what was done
 * before the stop is kept and the rest can go on later.
 *
 * @param concurrency at least 1
 * @param signal      once it fires, no further row begins; `fn` has the same signal for those in flight
 * @returns as many results as items, by index
 * @throws ShapeError when concurrency is below 1
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
	// All workers draw from one iterator, so each row is taken once and rows begin in order.
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
