/** Writes to a store one at a time. All changes during a write go into one more write. */
import type { Clock } from '#core/ports.ts';

/** Shortest and longest pause in milliseconds between two writes that no caller waits for: a reload loses what came since. */
const SHORTEST_PAUSE = 500;
const LONGEST_PAUSE = 5000;
/** A pause lasts as many times longer than the last write, so that writing takes little of the page's time. */
const PAUSE_PER_WRITE = 20;

export class WriteQueue {
	readonly #clock: Clock;
	readonly #write: () => Promise<void>;
	#running: Promise<void> | null = null;
	#next: Promise<void> | null = null;
	#last = -Infinity;
	#pause = SHORTEST_PAUSE;

	/** @param write never rejects */
	constructor(clock: Clock, write: () => Promise<void>) {
		this.#clock = clock;
		this.#write = write;
	}

	/** Settles when the current state is written. */
	save(): Promise<void> {
		if (this.#running === null) return this.#begin();
		this.#next ??= this.#running.then(() => {
			this.#next = null;
			return this.#begin();
		});
		return this.#next;
	}

	/** Writes now if the last write began some time ago: half a second, or up to five seconds if writing is slow. */
	sometimes(): void {
		if (this.#running === null && this.#clock.now() - this.#last >= this.#pause) void this.#begin();
	}

	#begin(): Promise<void> {
		this.#last = this.#clock.now();
		this.#running = this.#write().finally(() => {
			const took = this.#clock.now() - this.#last;
			this.#pause = Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, took * PAUSE_PER_WRITE));
			this.#running = null;
		});
		return this.#running;
	}
}
