// Work that is repeated while a grid runs, such as writing its results, and must take little of the machine's time.

/** Milliseconds between two times at least. */
const LEAST = 1000;
/** The time until the next time, as a multiple of how long the work took. */
const SHARE = 30;

/** @template Result */
export class Seldom {
	#work;
	#onError;
	/** @type {NodeJS.Timeout | null} */
	#timer = null;
	/** Milliseconds of the last time. */
	#took = 0;

	/** @param {() => Result} work @param {(error: unknown) => void} onError receives a failure of work that was done `soon` */
	constructor(work, onError) {
		this.#work = work;
		this.#onError = onError;
	}

	/** Does the work in a while, once for all calls until then. */
	soon() {
		this.#timer ??= setTimeout(
			() => {
				try {
					this.now();
				} catch (error) {
					this.#onError(error);
				}
			},
			Math.max(LEAST, SHARE * this.#took),
		);
	}

	/** Does the work, also in place of what was due. @returns {Result} */
	now() {
		clearTimeout(this.#timer ?? undefined);
		this.#timer = null;
		const begin = performance.now();
		const result = this.#work();
		this.#took = performance.now() - begin;
		return result;
	}
}
