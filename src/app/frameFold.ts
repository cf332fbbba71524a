/** Many events, one publication: whatever was touched since the last frame is published once, before the next paint. */
import type { Frame } from './ports.ts';

export class FrameFold {
	readonly #frame: Frame;
	readonly #publish: () => void;
	#asked = false;

	constructor(frame: Frame, publish: () => void) {
		this.#frame = frame;
		this.#publish = publish;
	}

	/** Something changed: publish at the next frame. */
	touch(): void {
		if (this.#asked) return;
		this.#asked = true;
		this.#frame(() => {
			this.#asked = false;
			this.#publish();
		});
	}
}
