/** Wall seconds by phase of a run, pauses left out. */
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

	/** Time runs for this phase from now on. */
	enter(phase: RunPhase): void {
		this.stop();
		this.#phase = phase;
		this.#since = this.#clock.now();
	}

	/** Time stands still until `enter`. */
	stop(): void {
		if (this.#phase === null) return;
		const seconds = (this.#clock.now() - this.#since) / 1000;
		this.#seconds = { ...this.#seconds, [this.#phase]: (this.#seconds[this.#phase] ?? 0) + seconds };
		this.#phase = null;
	}

	/** Takes up what a stored run took so far. */
	restore(seconds: PhaseSeconds): void {
		this.#phase = null;
		this.#seconds = { ...seconds };
	}

	/** Seconds by phase, the one under way up to now. */
	get seconds(): PhaseSeconds {
		if (this.#phase === null) return this.#seconds;
		const open = (this.#clock.now() - this.#since) / 1000;
		return { ...this.#seconds, [this.#phase]: (this.#seconds[this.#phase] ?? 0) + open };
	}
}
