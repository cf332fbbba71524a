/** A measurement in the background, with progress and cancel. A newer one replaces it. */
import { Cancelled, toWire, type WireError } from '#core/errors.ts';
import type { Progress } from '#core/ports.ts';

export type Measure<T> = (signal: AbortSignal, onProgress: (progress: Progress) => void) => Promise<T>;

export class Measurement<T> {
	#abort: AbortController | null = null;

	/** Null before the first, and while one is under way. */
	result: T | null = $state.raw(null);
	/** Null unless one is under way. */
	progress: Progress | null = $state.raw(null);
	/** Why the last one failed; null if it did not or was cancelled. */
	error: WireError | null = $state.raw(null);

	get running(): boolean {
		return this.progress !== null;
	}

	/** Never throws; see `error`. */
	async measure(work: Measure<T>): Promise<void> {
		this.clear();
		const abort = new AbortController();
		this.#abort = abort;
		this.progress = { phase: 'Measuring', done: 0, total: 0 };
		try {
			const result = await work(abort.signal, (progress) => {
				if (this.#abort === abort) this.progress = progress;
			});
			if (this.#abort === abort) this.result = result;
		} catch (error) {
			if (this.#abort === abort && !(error instanceof Cancelled)) this.error = toWire(error);
		} finally {
			if (this.#abort === abort) this.progress = null;
		}
	}

	cancel(): void {
		this.#abort?.abort();
		this.#abort = null;
		this.progress = null;
	}

	/** Cancels, and forgets the result. */
	clear(): void {
		this.cancel();
		this.result = null;
		this.error = null;
	}
}
