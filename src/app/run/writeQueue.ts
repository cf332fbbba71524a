/** Writes to a store one at a time: what changes while a write is under way goes into the next one, and none piles up. */
import type { Clock } from '#core/ports.ts';

/** Milliseconds between two writes that nobody waits for. */
const SELDOM = 5000;

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

	/** Settles once the state of now is written. */
	save(): Promise<void> {
		if (this.#running === null) return this.#begin();
		this.#next ??= this.#running.then(() => {
			this.#next = null;
			return this.#begin();
		});
		return this.#next;
	}

	/** Writes now if the last write is a while ago. */
	sometimes(): void {
		if (this.#running === null && this.#clock.now() - this.#last >= SELDOM) void this.#begin();
	}

	#begin(): Promise<void> {
		this.#last = this.#clock.now();
		this.#running = this.#write().finally(() => {
			this.#running = null;
		});
		return this.#running;
	}
}
