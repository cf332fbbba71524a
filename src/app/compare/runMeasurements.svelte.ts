/** Measurements of the open run in the background: each is asked for by a button, and leaves the run as it is. */
import type { SpanAttribution } from '#core/loss/attribution.ts';
import { Measurement } from '../async/measurement.svelte.ts';
import type { Engines } from '../engines/engines.svelte.ts';
import type { Run } from '../run/run.svelte.ts';
import { measureSetCredit, type SetCredit } from './measureCredit.ts';
import { measureCourse, measureHarm, type HarmReport, type PairPoint } from './measurePairs.ts';
import { measureSpan, type SpanLength } from './measureSpan.ts';
import type { TrackedPair } from './trackedPair.svelte.ts';

export class RunMeasurements {
	readonly #run: Run;
	readonly #engines: Engines;
	readonly #tracked: TrackedPair;
	/** Why log π changed over the steps before the cursor. */
	readonly span = new Measurement<SpanAttribution>();
	/** Effect of each pair on the held-out loss. */
	readonly harm = new Measurement<HarmReport>();
	/** The tracked pair at each stored adapter. */
	readonly course = new Measurement<{ pairId: string; points: readonly PairPoint[] }>();
	/** Share of the credit that is on edited tokens, over all pairs. */
	readonly credit = new Measurement<SetCredit>();

	constructor(run: Run, engines: Engines, tracked: TrackedPair) {
		this.#run = run;
		this.#engines = engines;
		this.#tracked = tracked;
	}

	/** True if the run has trained and its model is loaded or can be: while a run works, no other model is loaded for this. */
	get possible(): boolean {
		const { steps, player } = this.#run;
		return steps.loss.step > 0 && (!player.active || this.#engines.loadedModel === this.#run.recipe.model);
	}

	async measureSpan(length: SpanLength): Promise<void> {
		await this.span.measure(measureSpan(this.#run, this.#engines, length, this.#tracked.pairId));
	}

	async measureHarm(): Promise<void> {
		await this.harm.measure(measureHarm(this.#run, this.#engines));
	}

	async measureCourse(): Promise<void> {
		const { pair } = this.#tracked;
		if (pair === null) return;
		const measure = measureCourse(this.#run, this.#engines, pair);
		await this.course.measure(async (signal, onProgress) => ({
			pairId: pair.id,
			points: await measure(signal, onProgress),
		}));
	}

	async measureCredit(): Promise<void> {
		await this.credit.measure(measureSetCredit(this.#run, this.#engines));
	}

	/** Ends all of them: another run is opened. */
	cancel(): void {
		for (const one of [this.span, this.harm, this.course, this.credit]) one.cancel();
	}
}
