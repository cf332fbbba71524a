/** A gate that work passes between two items. While it is closed, the work finishes its current item and waits. Pause closes it. */
import { Cancelled } from '#core/errors.ts';

export class PauseGate {
	#waiting: (() => void)[] = [];
	#closed = false;

	get closed(): boolean {
		return this.#closed;
	}

	close(): void {
		this.#closed = true;
	}

	open(): void {
		this.#closed = false;
		const waiting = this.#waiting;
		this.#waiting = [];
		for (const go of waiting) go();
	}

	/**
	 * Resolves at once if the gate is open, else when it opens.
	 *
	 * @throws Cancelled when the signal fires first
	 */
	async pass(signal: AbortSignal): Promise<void> {
		if (signal.aborted) throw new Cancelled();
		if (!this.#closed) return;
		await new Promise<void>((resolve) => {
			this.#waiting.push(resolve);
			signal.addEventListener('abort', () => resolve(), { once: true });
		});
		// Opened and closed again in the same turn, or aborted: look again.
		await this.pass(signal);
	}
}
