/** Measures the pace of this machine by a run of a few prompts that is not kept, so that even the first run has an estimate. */
import { withSize } from '#core/recipe/demoPresets.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { FailureText } from '../text/failure.ts';
import { Run, type RunParts } from '../run/run.svelte.ts';
import { unkeptStore } from '../run/unkeptStore.ts';
import type { DurationEstimate } from './durationEstimate.svelte.ts';

/** Small, so that it ends soon; the programs that it compiles and the model that it loads are there for the run after it. */
const MEASURED = { prompts: 8, steps: 3, heldOut: 8 } as const;

export class PaceMeasurement {
	readonly #parts: () => RunParts;
	readonly #durations: DurationEstimate;

	/** The measured run while it is active; else null. */
	run: Run | null = $state.raw(null);
	/** Why the last measurement failed, or null. */
	failure: FailureText | null = $state.raw(null);

	constructor(parts: () => RunParts, durations: DurationEstimate) {
		this.#parts = parts;
		this.#durations = durations;
	}

	/** Never throws; see `failure`. */
	async measure(recipe: Recipe): Promise<void> {
		if (this.run !== null) return;
		const parts = this.#parts();
		const run = Run.create(
			{ ...parts, ports: { ...parts.ports, store: unkeptStore() } },
			withSize(recipe, MEASURED),
			`a measurement with ${MEASURED.prompts} prompts`,
		);
		this.failure = null;
		this.run = run;
		await run.start();
		this.run = null;
		this.failure = run.failure;
		this.#durations.learn(run.record(), run.name);
	}

	/** Ends it without a result. */
	cancel(): void {
		this.run?.player.stop();
	}
}
