import type { StepValues } from '#core/loss/example.ts';
import type { CompiledObjective } from '#core/loss/objectives/objective.ts';

/** Inputs of the objective's gradient besides the segments and their log-probabilities. */
export interface PreferenceOptions {
	readonly objective: CompiledObjective;
	readonly step: StepValues;
	/** 1 / examples of the step. */
	readonly scale: number;
}
