/** Ends a request that sends nothing for a while. */
export class Stall {
	readonly #controller = new AbortController();
	readonly #outer: AbortSignal;
	readonly #patience: number;
	readonly #stop = (): void => this.#controller.abort();
	#timer: ReturnType<typeof setTimeout> | undefined;

	/** @param patience milliseconds without a call of `moved` after which the signal fires */
	constructor(outer: AbortSignal, patience: number) {
		this.#outer = outer;
		this.#patience = patience;
		outer.addEventListener('abort', this.#stop, { once: true });
		if (outer.aborted) this.#stop();
		this.moved();
	}

	/** Fires with the outer signal, and if nothing moves for a while. */
	get signal(): AbortSignal {
		return this.#controller.signal;
	}

	moved(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(this.#stop, this.#patience);
	}

	/** Stops the clock while the page itself is busy, such as storing a part; `moved` starts it again. */
	hold(): void {
		clearTimeout(this.#timer);
	}

	end(): void {
		clearTimeout(this.#timer);
		this.#outer.removeEventListener('abort', this.#stop);
	}
}
