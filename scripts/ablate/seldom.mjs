// Work that is repeated while a grid runs, such as writing its results, and must take little of the machine's time.

/** Milliseconds that every call waits for others. */
const LEAST_WAIT = 1000;
/** The wait for the next time, as a multiple of how long the work took. */
const WAIT_PER_WORK = 30;

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

	/** Does the work after a wait, once for all calls until then. */
	soon() {
		this.#timer ??= setTimeout(
			() => {
				try {
					this.now();
				} catch (error) {
					this.#onError(error);
				}
			},
			Math.max(LEAST_WAIT, WAIT_PER_WORK * this.#took),
		);
	}

	/** Does the work at once; work that was asked for `soon` is done with it. @returns {Result} */
	now() {
		clearTimeout(this.#timer ?? undefined);
		this.#timer = null;
		const begin = performance.now();
		const result = this.#work();
		this.#took = performance.now() - begin;
		return result;
	}
}
