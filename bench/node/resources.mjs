// Open browsers, servers and child processes. They are closed in reverse order, at the end or at Ctrl-C.

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
			// The resource was still starting when all others were closed.
			await close(resource);
			throw new Stopped();
		}
		this.#open.push(() => close(resource));
		return resource;
	}

	get closed() {
		return this.#closed;
	}

	/**
	 * Closes all resources. An error while closing is ignored, because that resource has most likely ended
	 * already and the others must still be closed.
	 */
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
