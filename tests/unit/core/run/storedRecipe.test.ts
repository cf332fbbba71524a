/** Stored runs open with every number that some version of the page allowed; a new run needs today's limits. */
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { RecipeDraft } from '#app/recipe/recipeDraft.svelte.ts';
import { LIMITS, type NumberPath, storedLimit } from '#core/recipe/limits.ts';
import { DEFAULT_RECIPE, storedRecipeSchema } from '#core/recipe/recipe.ts';
import { readStoredRun } from '#core/run/migrations.ts';
import { runSummarySchema } from '#core/run/run.ts';
import { readRunFile, writeRunFile } from '#core/run/runFile.ts';
import { summaryOf } from '#runtime/storage/summary.ts';
import { runRecord } from '#tests/support/runs.ts';
import { withValue } from '#ui/recipe/settings.ts';

/** Values that were valid before there were limits. */
const BEFORE: readonly (readonly [NumberPath, number])[] = [
	['prompts.count', 5_000_000],
	['sampling.temperature', 0.005],
	['sampling.temperature', 5e-324],
	['sampling.topP', 1e-9],
	['sampling.maxTokens', 1e9],
	['reviser.temperature', 1e-6],
	['reviser.maxTokens', 2 ** 53],
	['pairs.minJaccard', 1e-12],
	['objective.beta', 1e-9],
	['objective.beta', 1e9],
	['lora.alpha', 1e-12],
	['lora.alpha', 1e12],
	['optimiser.learningRate', 1e-20],
	['optimiser.learningRate', 5000],
	['optimiser.warmupSteps', 2_000_000],
	['optimiser.weightDecay', 1e-15],
	['optimiser.beta1', 1e-9],
	['optimiser.beta2', 1 - 2 ** -53],
	['optimiser.epsilon', 1e-40],
	['optimiser.epsilon', 2],
	['optimiser.maxGradNorm', 1e12],
	['training.steps', 2_000_000],
	['training.batchPairs', 2048],
	['training.accumulationSteps', 4096],
	['training.maxLength', 1_000_000],
	['training.checkpointEvery', 2_000_000],
	['training.evaluateEvery', 1e12],
	['evaluation.count', 1_000_000],
	['evaluation.maxTokens', 200_000],
];

describe.each(BEFORE)('%s of %d', (path, value) => {
	const recipe = withValue(DEFAULT_RECIPE, path, value);
	const record = { ...runRecord('a'), recipe, checkpoints: [] };

	it('opens from the store, its list and a run file', async () => {
		expect(readStoredRun(JSON.stringify(record), 'Sunday').recipe).toEqual(recipe);
		expect(v.parse(runSummarySchema, summaryOf({ ...record, edition: 1 }, 10)).recipe).toEqual(recipe);
		const file = await writeRunFile({ record, adapters: [] });
		expect((await readRunFile(file, 'a.run.json.gz')).record.recipe).toEqual(recipe);
	});

	it('cannot start a run again before the setting is corrected', () => {
		const draft = new RecipeDraft();
		draft.startFrom(recipe);
		expect(draft.problemPath).toBe(path);
		draft.load(withValue(recipe, path, LIMITS[path].max));
		expect(draft.problem).toBeNull();
	});
});

describe.each(Object.keys(LIMITS) as NumberPath[])('%s', (path) => {
	it('has a range in stored runs that includes today’s limits, and nothing that no version allowed', () => {
		const { min, max } = storedLimit(path);
		expect(min).toBeLessThanOrEqual(LIMITS[path].min);
		expect(max).toBeGreaterThanOrEqual(LIMITS[path].max);
		for (const value of [-1, NaN, Infinity, ...(max < 1e300 ? [max * 2] : [])])
			expect(v.is(storedRecipeSchema, withValue(DEFAULT_RECIPE, path, value))).toBe(false);
		for (const value of [min, max])
			expect(v.is(storedRecipeSchema, withValue(DEFAULT_RECIPE, path, value))).toBe(true);
	});
});
