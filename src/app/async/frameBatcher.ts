/** Merges many events into one publication: everything touched since the last frame is published once, before the next paint. */
import type { Clock } from '#core/ports.ts';
import type { Frame } from '../ports.ts';

export class FrameBatcher {
	readonly #frame: Frame;
	readonly #publish: () => void;
	readonly #pace: { clock: Clock; milliseconds: number } | null;
	#asked = false;
	#last = -Infinity;

	/**
	 * @param pace minimum milliseconds between two publications: for long lists, in which a reader sees no difference
	 *             and a slow machine needs its time for the work itself
	 */
	constructor(frame: Frame, publish: () => void, pace: { clock: Clock; milliseconds: number } | null = null) {
		this.#frame = frame;
		this.#publish = publish;
		this.#pace = pace;
	}

	/** Something changed: publish at the next frame, or the first one after the pace allows it. */
	touch(): void {
		if (this.#asked) return;
		this.#asked = true;
		this.#frame(this.#onFrame);
	}

	readonly #onFrame = (): void => {
		const now = this.#pace?.clock.now() ?? 0;
		if (this.#pace !== null && now - this.#last < this.#pace.milliseconds) {
			this.#frame(this.#onFrame);
			return;
		}
		this.#last = now;
		this.#asked = false;
		this.#publish();
	};
}
