/** Pace of some work over its last few marks, so that rate and time left follow the present, not the average. */
import type { Clock } from '#core/ports.ts';

const WINDOW = 32;

export class Pace {
	readonly #clock: Clock;
	#marks: { at: number; amount: number }[] = [];

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** Forgets all marks; call when work starts or resumes after a pause. */
	restart(): void {
		this.#marks = [{ at: this.#clock.now(), amount: 0 }];
	}

	/** Records that `amount` more items are done. */
	mark(amount = 1): void {
		this.#marks.push({ at: this.#clock.now(), amount });
		if (this.#marks.length > WINDOW + 1) this.#marks.shift();
	}

	/** Items per second over the last marks; null with fewer than two marks. */
	get perSecond(): number | null {
		const first = this.#marks[0];
		const last = this.#marks.at(-1);
		if (first === undefined || last === undefined || last.at <= first.at) return null;
		const amount = this.#marks.reduce((sum, mark) => sum + mark.amount, 0) - first.amount;
		return amount === 0 ? null : (amount * 1000) / (last.at - first.at);
	}

	/** Seconds that `left` more items take at this pace; null if unknown. */
	secondsFor(left: number): number | null {
		const rate = this.perSecond;
		return rate === null ? null : left / rate;
	}
}
