/**
 * Rate and remaining time of a transfer. The rate is an exponential moving average over time, with the correction for its start
 * (as in Adam), so that it is right from the first second on and falls while nothing arrives.
 */

export interface TransferProgress {
	/** Bytes that are here, kept ones of earlier visits included. */
	done: number;
	/** Bytes of all files. */
	total: number;
	/** Smoothed; null until it is known. */
	bytesPerSecond: number | null;
	/** Null if unknown, also while nothing arrives. */
	secondsLeft: number | null;
}

/** Seconds after which a change of the rate shows by 63 %. */
const SMOOTHING_S = 5;
/** A rate over a shorter time says nothing. */
const SHORTEST_S = 0.5;
/** Slower transfers count as standing still: a page would show years. */
const SLOWEST = 100;

export class TransferRate {
	readonly #total: number;
	readonly #started: number;
	#done: number;
	/** Sum of the bytes that arrived, each weighted by exp(−age / smoothing), at `#at`. */
	#weighted = 0;
	#at: number;

	/**
	 * @param total bytes of all files
	 * @param kept  bytes that are here already; they do not count for the rate
	 * @param now   milliseconds on any clock that does not go back
	 */
	constructor(total: number, kept: number, now: number) {
		this.#total = total;
		this.#done = kept;
		this.#started = now;
		this.#at = now;
	}

	/** @param count bytes that arrived; negative if bytes were dropped, which does not change the rate */
	add(count: number, now: number): void {
		this.#done += count;
		this.#decay(now);
		if (count > 0) this.#weighted += count;
	}

	/** Bytes that are found here without a transfer. */
	keep(count: number): void {
		this.#done += count;
	}

	progress(now: number): TransferProgress {
		this.#decay(now);
		const elapsed = (this.#at - this.#started) / 1000;
		const bytesPerSecond =
			elapsed < SHORTEST_S ? null : this.#weighted / (SMOOTHING_S * (1 - Math.exp(-elapsed / SMOOTHING_S)));
		const left = Math.max(0, this.#total - this.#done);
		return {
			done: this.#done,
			total: this.#total,
			bytesPerSecond,
			secondsLeft: secondsFor(left, bytesPerSecond),
		};
	}

	#decay(now: number): void {
		const seconds = Math.max(0, now - this.#at) / 1000;
		this.#weighted *= Math.exp(-seconds / SMOOTHING_S);
		this.#at = Math.max(this.#at, now);
	}
}

function secondsFor(bytes: number, bytesPerSecond: number | null): number | null {
	if (bytes === 0) return 0;
	return bytesPerSecond === null || bytesPerSecond < SLOWEST ? null : bytes / bytesPerSecond;
}
