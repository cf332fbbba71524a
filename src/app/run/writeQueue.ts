/** Writes to a store one at a time. All changes during a write go into one more write. */
import type { Clock } from '#core/ports.ts';

/** Milliseconds between two writes that no caller waits for. */
const INTERVAL = 5000;

export class WriteQueue {
	readonly #clock: Clock;
	readonly #write: () => Promise<void>;
	#running: Promise<void> | null = null;
	#next: Promise<void> | null = null;
	#last = -Infinity;

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

	/** Writes now if the last write is some seconds ago. */
	sometimes(): void {
		if (this.#running === null && this.#clock.now() - this.#last >= INTERVAL) void this.#begin();
	}

	#begin(): Promise<void> {
		this.#last = this.#clock.now();
		this.#running = this.#write().finally(() => {
			this.#running = null;
		});
		return this.#running;
	}
}
