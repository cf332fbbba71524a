/** Wall seconds of a run by phase, without pauses. */
import type { Clock } from '#core/ports.ts';
import type { RunPhase } from '#core/run/run.ts';

export type PhaseSeconds = Readonly<Partial<Record<RunPhase, number>>>;

export class PhaseClock {
	readonly #clock: Clock;
	#seconds: Partial<Record<RunPhase, number>> = {};
	#phase: RunPhase | null = null;
	#since = 0;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** Starts counting time for this phase. */
	enter(phase: RunPhase): void {
		this.stop();
		this.#phase = phase;
		this.#since = this.#clock.now();
	}

	/** Stops counting until `enter`. */
	stop(): void {
		if (this.#phase === null) return;
		const seconds = (this.#clock.now() - this.#since) / 1000;
		this.#seconds = { ...this.#seconds, [this.#phase]: (this.#seconds[this.#phase] ?? 0) + seconds };
		this.#phase = null;
	}

	/** Continues from the seconds of a stored run. */
	restore(seconds: PhaseSeconds): void {
		this.#phase = null;
		this.#seconds = { ...seconds };
	}

	/** Seconds by phase; of the current phase up to now. */
	get seconds(): PhaseSeconds {
		if (this.#phase === null) return this.#seconds;
		const open = (this.#clock.now() - this.#since) / 1000;
		return { ...this.#seconds, [this.#phase]: (this.#seconds[this.#phase] ?? 0) + open };
	}
}
