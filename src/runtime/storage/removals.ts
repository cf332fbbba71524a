/** Deletions of runs, announced to every tab of the page. Without BroadcastChannel they are announced in this tab only. */

type Listener = (id: string) => void;

export class Removals {
	readonly #name: string;
	readonly #listeners = new Set<Listener>();
	#channel: BroadcastChannel | null = null;

	/** @param name of the database; stores under other names have their own deletions */
	constructor(name: string) {
		this.#name = `${name}-removed`;
	}

	announce(id: string): void {
		this.#open()?.postMessage(id);
		// A channel sends nothing to itself.
		this.#notify(id);
	}

	listen(listener: Listener): () => void {
		this.#open();
		this.#listeners.add(listener);
		return () => void this.#listeners.delete(listener);
	}

	/** The next call opens the channel again. */
	close(): void {
		this.#channel?.close();
		this.#channel = null;
	}

	#open(): BroadcastChannel | null {
		if (this.#channel !== null || typeof BroadcastChannel === 'undefined') return this.#channel;
		this.#channel = new BroadcastChannel(this.#name);
		this.#channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
			if (typeof data === 'string') this.#notify(data);
		});
		return this.#channel;
	}

	#notify(id: string): void {
		for (const listener of this.#listeners) listener(id);
	}
}
