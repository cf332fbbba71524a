/** Learning-rate schedules, equal to transformers'. */

export type ScheduleName = 'constant' | 'linear' | 'cosine';

export interface Schedule {
	schedule: ScheduleName;
	learningRate: number;
	warmupSteps: number;
	/** Optimiser steps of the whole run. */
	totalSteps: number;
}

/**
 * Learning rate of one optimiser step.
 *
 * @param step 1-based, like all step counts here; transformers' schedulers count from 0, so step 1 has rate 0
 *   under warm-up, and the last step of a linear course still has a rate above 0
 * @returns in [0, learningRate]
 * @source  transformers `optimization.py`: `get_{constant,linear,cosine}_schedule_with_warmup` · golden: trace-*.json
 */
export function learningRateAt(step: number, schedule: Schedule): number {
	const { learningRate, warmupSteps, totalSteps } = schedule;
	const done = step - 1;
	if (done < warmupSteps) return learningRate * (done / Math.max(1, warmupSteps));
	const rest = Math.max(1, totalSteps - warmupSteps);
	const progress = (done - warmupSteps) / rest;
	switch (schedule.schedule) {
		case 'constant':
			return learningRate;
		case 'linear':
			return learningRate * Math.max(0, (totalSteps - done) / rest);
		case 'cosine':
			return learningRate * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
	}
}
