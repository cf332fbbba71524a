// What was started and must be closed: browsers, servers, child processes. Closed in reverse, on the way out or at Ctrl-C.

export class Resources {
	/** @type {(() => unknown)[]} */
	#open = [];
	#closed = false;

	/**
	 * @template T
	 * @param {T} resource
	 * @param {(resource: T) => unknown} close
	 * @returns {Promise<T>}
	 */
	async add(resource, close) {
		if (this.#closed) {
			// It was still starting when all was closed.
			await close(resource);
			throw new Stopped();
		}
		this.#open.push(() => close(resource));
		return resource;
	}

	get closed() {
		return this.#closed;
	}

	/** Closes all; what cannot be closed has most likely ended already, and must not keep the rest open. */
	async close() {
		this.#closed = true;
		for (const close of this.#open.splice(0).reverse()) {
			await Promise.resolve()
				.then(close)
				.catch(() => undefined);
		}
	}
}

export class Stopped extends Error {
	constructor() {
		super('Stopped.');
	}
}
