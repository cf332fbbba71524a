/** Time of runs that share one device: while n runs are active, each of them gets 1/n of the time that passes. */
import type { Clock } from '#core/ports.ts';

/**
 * The clock of every run of a grid. The seconds that such runs count are their own share, so that the seconds of all runs add up to the
 * time of the grid, and a run takes about the seconds that it takes alone.
 */
export class SharedClock implements Clock {
	readonly #clock: Clock;
	#active = 1;
	#time = 0;
	#at: number;

	constructor(clock: Clock) {
		this.#clock = clock;
		this.#at = clock.now();
	}

	/** Number of active runs from now on. */
	set active(runs: number) {
		this.now();
		this.#active = Math.max(1, runs);
	}

	/** Milliseconds of each active run's share since the clock was made. */
	now(): number {
		const at = this.#clock.now();
		this.#time += (at - this.#at) / this.#active;
		this.#at = at;
		return this.#time;
	}

	date(): string {
		return this.#clock.date();
	}
}
