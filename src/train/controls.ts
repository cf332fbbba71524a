/** The wishes of whoever steers a run, kept until the loop asks for them between two steps. */
import type { TrainControl } from '#core/ports.ts';

export type Wish = 'run' | 'pause' | 'stop-keep' | 'stop-discard';

export class Controls implements Omit<TrainControl, 'finished'> {
	#wish: Wish | 'once';
	#wake: (() => void) | null = null;

	constructor(startPaused: boolean) {
		this.#wish = startPaused ? 'pause' : 'run';
	}

	/** A stop is final: nothing said after it counts. */
	get stopping(): boolean {
		return this.#wish === 'stop-keep' || this.#wish === 'stop-discard';
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

	/** What to do before the next step. Asking uses up a single step: after it the run pauses again. */
	take(): Wish {
		if (this.#wish !== 'once') return this.#wish;
		this.#wish = 'pause';
		return 'run';
	}

	/** Settles when the wish is no longer to pause. @returns true where the run is to go on freely */
	async released(): Promise<boolean> {
		while (this.#wish === 'pause') {
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
		return this.#wish === 'run';
	}

	#set(wish: Wish | 'once'): void {
		if (this.stopping) return;
		this.#wish = wish;
		this.#wake?.();
		this.#wake = null;
	}
}
