/** The user's wish to pause, for the steps of one model that is being added. */
import { Cancelled } from '#core/errors.ts';

interface Follower {
	pause: () => void;
	resume: () => void;
}

export class Pause {
	#paused = false;
	readonly #followers = new Set<Follower>();

	get isPaused(): boolean {
		return this.#paused;
	}

	set(paused: boolean): void {
		if (this.#paused === paused) return;
		this.#paused = paused;
		for (const follower of this.#followers) follower[paused ? 'pause' : 'resume']();
	}

	/** Passes changes on until the returned function is called. */
	follow(pause: () => void, resume: () => void): () => void {
		const follower = { pause, resume };
		this.#followers.add(follower);
		return () => void this.#followers.delete(follower);
	}

	/** Resolves at once, or when a pause ends. @throws Cancelled */
	async wait(signal: AbortSignal): Promise<void> {
		while (this.#paused && !signal.aborted) await this.#change(signal);
		if (signal.aborted) throw new Cancelled();
	}

	#change(signal: AbortSignal): Promise<void> {
		return new Promise((resolve) => {
			const release = this.follow(() => undefined, end);
			signal.addEventListener('abort', end, { once: true });
			function end(): void {
				release();
				signal.removeEventListener('abort', end);
				resolve();
			}
		});
	}
}
