/** Player: plays one run, pauses between two items, takes single training steps, stops. The run defines the work. */
import type { RunPhase } from '#core/run/run.ts';
import { PauseGate } from '../async/pauseGate.ts';
import type { LossStep } from '../steps/lossStep.svelte.ts';
import type { PhaseClock } from './phaseClock.ts';
import { phaseOf } from './phases/registry.ts';

/**
 * State of the transport. `idle`: Run the loop · `running`: Pause, Step, Stop · `paused`: Resume, Step, Stop ·
 * `stopped`: Resume, or change one thing · `review`: Train (the run waits for the user to look at the revisions) ·
 * `done`: Change one thing, run again · `failed`: the repair of the run's failure.
 */
export type Transport = 'idle' | 'running' | 'paused' | 'stopped' | 'review' | 'done' | 'failed';

/** State of a run that is not active: before its start, or after any kind of end. */
export type RestingTransport = Exclude<Transport, 'running' | 'paused'>;

export interface PlayerParts {
	loss: LossStep;
	clock: PhaseClock;
	phase: () => RunPhase;
}

export class Player {
	readonly #parts: PlayerParts;
	#abort: AbortController | null = null;
	#discarding = false;
	/** Work passes it between two items; closed while paused. */
	readonly gate = new PauseGate();

	transport: Transport = $state('idle');
	/** True while the run is active, paused or not. */
	readonly active: boolean = $derived(this.transport === 'running' || this.transport === 'paused');

	constructor(parts: PlayerParts) {
		this.#parts = parts;
	}

	/** True if a single step is possible: during training. */
	get canStep(): boolean {
		return this.active && this.#trains;
	}

	get #trains(): boolean {
		return phaseOf(this.#parts.phase())?.trains === true;
	}

	/** True if the user stopped the training and discards it. */
	get discarding(): boolean {
		return this.#discarding;
	}

	/** @returns the signal that `stop` fires */
	begin(): AbortSignal {
		this.#abort = new AbortController();
		this.#discarding = false;
		this.gate.open();
		this.transport = 'running';
		return this.#abort.signal;
	}

	/** Playing has ended. */
	end(transport: RestingTransport): void {
		this.#abort = null;
		this.#parts.clock.stop();
		this.transport = transport;
	}

	/** Finishes the current item, then waits. */
	pause(): void {
		if (this.transport !== 'running') return;
		this.transport = 'paused';
		this.gate.close();
		this.#parts.loss.pause();
		this.#parts.clock.stop();
	}

	/** Continues after a pause; see `Run.resume` for all other cases. */
	resume(): void {
		if (this.transport !== 'paused') return;
		const { clock, phase, loss } = this.#parts;
		this.transport = 'running';
		clock.enter(phase());
		this.gate.open();
		loss.resume();
	}

	/** One training step, then paused again. */
	stepOnce(): void {
		if (!this.canStep) return;
		const { loss } = this.#parts;
		this.pause();
		loss.stepOnce();
		// The step comes after the score that training waits for, so scoring has to continue; see SideWork.
		if (loss.held) this.gate.open();
	}

	/**
	 * Ends the current work; the run can be resumed later. While training, `keep` says whether the adapter is kept; in
	 * other phases finished work is always kept.
	 */
	stop(keep = true): void {
		if (!this.active) return;
		this.#discarding = !keep && this.#trains;
		if (this.#discarding) this.#parts.loss.stop(false);
		this.#abort?.abort();
		this.gate.open();
	}
}
