/** A run store in a thread of its own, in place of another tab. The worker's name is the name of the database. */
import { asAppError } from '#core/errors.ts';
import { BrowserRunStore } from '#runtime/storage/runStore.ts';
import { runRecord } from './runs.ts';

const scope = self as unknown as DedicatedWorkerGlobalScope;
const store = new BrowserRunStore({ name: scope.name });
const editions = new Map<string, number>();
/** Subscribed from the start: a message of another thread can arrive before the question about it. */
const removed = new Promise<string>((resolve) => store.onRemoved(resolve));

async function answer(what: string, id: string): Promise<unknown> {
	if (what === 'removed') return removed;
	if (what === 'remove') {
		await store.remove(id);
		return 'done';
	}
	const edition = editions.get(id);
	const next = await store.write({ ...runRecord(id), ...(edition === undefined ? {} : { edition }) });
	editions.set(id, next);
	return next;
}

scope.addEventListener('message', ({ data: [what, id] }: MessageEvent<[string, string]>) => {
	answer(what, id).then(
		(result) => scope.postMessage(result),
		(error: unknown) => scope.postMessage(asAppError(error).code),
	);
});
scope.postMessage('ready');
