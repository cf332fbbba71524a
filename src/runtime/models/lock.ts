/** One download of a file at a time, over all tabs and threads of the page. */
import { Cancelled } from '#core/errors.ts';

/** Lets one thread of this page download a file; the others wait and then find it cached. */
export async function locked<T>(address: string, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
	if (signal.aborted) throw new Cancelled();
	const locks = (globalThis.navigator as { locks?: LockManager } | undefined)?.locks;
	if (locks === undefined) return run();
	const lock = { held: false };
	try {
		return await locks.request(`anchorage ${address}`, { signal }, () => {
			lock.held = true;
			return run();
		});
	} catch (error) {
		if (error instanceof DOMException && error.name === 'AbortError') throw new Cancelled();
		if (lock.held) throw error;
		// The browser refuses the lock, as some do in private windows; a file may then be downloaded twice.
		return run();
	}
}
