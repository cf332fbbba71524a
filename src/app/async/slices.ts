/** Long work on the page's own thread, in slices that leave time for the page. */
import { nextTask } from '#core/concurrency.ts';

/** Milliseconds of work before other tasks get their turn. */
const SLICE = 12;

/**
 * Applies `fn` to the items in order.
 *
 * @param onProgress receives the number of finished items after each slice and at the end
 * @returns one result per item; null if the signal fired
 */
export async function mapInSlices<Item, T>(
	items: readonly Item[],
	fn: (item: Item) => T,
	signal: AbortSignal,
	onProgress: (done: number) => void = () => undefined,
): Promise<readonly T[] | null> {
	const results: T[] = [];
	let begin = performance.now();
	for (const item of items) {
		results.push(fn(item));
		if (performance.now() - begin < SLICE) continue;
		onProgress(results.length);
		await nextTask();
		if (signal.aborted) return null;
		begin = performance.now();
	}
	onProgress(items.length);
	return results;
}
