/** How fast something goes, over its last few marks: rates and times left that follow the present, not the average. */
import type { Clock } from '#core/ports.ts';

const WINDOW = 32;

export class Pace {
	readonly #clock: Clock;
	#marks: { at: number; amount: number }[] = [];

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** Forgets what was; call when work begins or goes on after a pause. */
	restart(): void {
		this.#marks = [{ at: this.#clock.now(), amount: 0 }];
	}

	/** `amount` more are done now. */
	mark(amount = 1): void {
		this.#marks.push({ at: this.#clock.now(), amount });
		if (this.#marks.length > WINDOW + 1) this.#marks.shift();
	}

	/** Done per second over the last marks; null while fewer than two are known. */
	get perSecond(): number | null {
		const first = this.#marks[0];
		const last = this.#marks.at(-1);
		if (first === undefined || last === undefined || last.at <= first.at) return null;
		const amount = this.#marks.reduce((sum, mark) => sum + mark.amount, 0) - first.amount;
		return amount === 0 ? null : (amount * 1000) / (last.at - first.at);
	}

	/** Seconds that `left` more will take at this pace; null while not known. */
	secondsFor(left: number): number | null {
		const rate = this.perSecond;
		return rate === null ? null : left / rate;
	}
}
