/** Durations: a finished run of any data method teaches the times of the work that it did. */
import { beforeAll, describe, expect, it } from 'vitest';
import { DurationEstimate } from '#app/recipe/durationEstimate.svelte.ts';
import { estimateSeconds, unitSeconds } from '#app/recipe/estimate.ts';
import { registerMethod } from '#core/pair/methods/registry.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { RunRecord } from '#core/run/run.ts';
import { SMALL } from '#tests/support/fakes.ts';
import { longestOfTwo } from '#tests/support/longestOfTwo.ts';
import { runRecord } from '#tests/support/runs.ts';

const withMethod = (method: string): Recipe => ({
	...SMALL,
	pairs: { ...SMALL.pairs, method },
	training: { ...SMALL.training, evaluateEvery: 0, accumulationSteps: 1 },
});
const CLAIR = withMethod('clair');
const IMPORTED = withMethod('imported');
const LONGEST = withMethod(longestOfTwo.id);

/** 8 held-out prompts, scored twice before and twice after: 0.5 s an answer. 8 steps of 2 pairs: 2 s a pair. */
const REST = { loading: 10, 'evaluating-before': 8, training: 32, 'evaluating-after': 8 } as const;
const SECONDS_OF_REST = 10 + 8 + 32 + 8;

const finished = (recipe: Recipe, making: RunRecord['seconds']): RunRecord => ({
	...runRecord('a'),
	recipe,
	seconds: { ...REST, ...making },
});

describe('the duration of a recipe', () => {
	beforeAll(() => registerMethod(longestOfTwo));

	it('counts the stages of the run’s method', () => {
		const record = finished(CLAIR, { sampling: 12, revising: 24 });
		expect(unitSeconds(record)).toMatchObject({ answer: 1, revision: 2, trainedPair: 2, heldOutAnswer: 0.5 });
		const durations = new DurationEstimate();
		expect(durations.source).toBe('');
		durations.learn({ ...record, name: 'Monday' });
		// A run that is not done teaches nothing, and gives no name.
		durations.learn({ ...record, name: 'Stopped', phase: 'training' });
		expect(durations.source).toBe('your run Monday');
		expect(durations.secondsFor(CLAIR)).toBe(SECONDS_OF_REST + 36);
		// Two answers to each of 12 prompts, and no revision.
		expect(durations.secondsFor(LONGEST)).toBe(SECONDS_OF_REST + 24);
		expect(durations.secondsFor(IMPORTED)).toBe(SECONDS_OF_REST);
	});

	it('is learned from a run without stages, for recipes without stages', () => {
		const durations = new DurationEstimate();
		durations.learn(finished(IMPORTED, {}));
		expect(durations.secondsFor(IMPORTED)).toBe(SECONDS_OF_REST);
		expect(durations.secondsFor(LONGEST)).toBeNull();
		expect(durations.secondsFor(CLAIR)).toBeNull();
	});

	it('is learned from a run with outputs only', () => {
		const unit = unitSeconds(finished(LONGEST, { sampling: 48 }));
		expect(unit).toMatchObject({ answer: 2, revision: null });
		expect(unit && estimateSeconds(LONGEST, unit)).toBe(SECONDS_OF_REST + 48);
		expect(unit && estimateSeconds(CLAIR, unit)).toBeNull();
	});

	it('keeps the earlier time of a stage that the next run does not have', () => {
		const durations = new DurationEstimate();
		durations.learn(finished(CLAIR, { sampling: 12, revising: 24 }));
		durations.learn(finished(IMPORTED, { training: 64 }));
		expect(durations.secondsFor(CLAIR)).toBe(SECONDS_OF_REST + 32 + 36);
	});

	it('is not learned from a run that reused answers, was made elsewhere or is not done', () => {
		expect(unitSeconds(finished(CLAIR, { revising: 24 }))).toBeNull();
		expect(unitSeconds({ ...finished(IMPORTED, {}), origin: 'file' })).toBeNull();
		expect(unitSeconds({ ...finished(IMPORTED, {}), phase: 'training' })).toBeNull();
	});
});
