/** Measures a run's held-out score at several strengths of the chosen checkpoint: the curve on the strength slider. */
import { toWire } from '#core/errors.ts';
import { PauseGate } from '../async/pauseGate.ts';
import type { Engines } from '../engines/engines.svelte.ts';
import type { Run } from '../run/run.svelte.ts';

export class StrengthMeasurement {
	readonly #run: () => Run;
	readonly #engines: Engines;
	#stop: AbortController | null = null;

	/** @param run the open run */
	constructor(run: () => Run, engines: Engines) {
		this.#run = run;
		this.#engines = engines;
	}

	/** The points are in `EvaluationStep.strengths`, a failure in its `error`. */
	async measure(): Promise<void> {
		const run = this.#run();
		const { adapter, evaluation, prompt } = run.steps;
		const chosen = adapter.shownStep === null ? null : await adapter.read(adapter.shownStep);
		if (chosen === null || run.player.active || evaluation.work !== null) return;
		await this.#engines.tryLoad(run.recipe.model);
		const stop = new AbortController();
		this.#stop = stop;
		try {
			await evaluation.measureStrengths(prompt.heldOut, chosen, new PauseGate(), stop.signal);
		} catch (error) {
			if (!stop.signal.aborted) evaluation.error = toWire(error);
		}
	}

	stop(): void {
		this.#stop?.abort();
	}
}
