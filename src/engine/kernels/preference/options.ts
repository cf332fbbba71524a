import type { GradientObjective, StepValues } from '#core/loss/example.ts';

/** What the objective's gradient needs beside the segments and their log-probabilities. */
export interface PreferenceOptions {
	readonly objective: GradientObjective;
	readonly step: StepValues;
	/** 1 / examples of the step. */
	readonly scale: number;
}
