/** Pause, step and stop requests of one run, read by the training loop between steps. */
import type { TrainControl } from '#core/ports.ts';

/** The next action of the training loop. */
export type Action = 'run' | 'pause' | 'stop-keep' | 'stop-discard';

export class Controls implements Omit<TrainControl, 'finished'> {
	#request: Action | 'once';
	#wake: (() => void) | null = null;

	constructor(startPaused: boolean) {
		this.#request = startPaused ? 'pause' : 'run';
	}

	/** A stop is final: later requests are ignored. */
	get stopping(): boolean {
		return this.#request === 'stop-keep' || this.#request === 'stop-discard';
	}

	pause(): void {
		this.#set('pause');
	}

	resume(): void {
		this.#set('run');
	}

	step(): void {
		this.#set('once');
	}

	stop(keep: boolean): void {
		this.#set(keep ? 'stop-keep' : 'stop-discard');
	}

	/**
	 * The action before the next step. Consumes the request for a single step: the action after it is
	 * `pause`.
	 */
	next(): Action {
		if (this.#request !== 'once') return this.#request;
		this.#request = 'pause';
		return 'run';
	}

	/** Settles once the current request is not to pause. @returns true if the run was resumed */
	async released(): Promise<boolean> {
		while (this.#request === 'pause') {
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
		return this.#request === 'run';
	}

	#set(request: Action | 'once'): void {
		if (this.stopping) return;
		this.#request = request;
		this.#wake?.();
		this.#wake = null;
	}
}
