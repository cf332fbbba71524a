import { describe, expect, test } from 'vitest';
import type { RowTokens } from '#core/batch/rowLengths.ts';
import { trainingMemory } from '#core/model/memory.ts';
import { memoryProposals } from '#core/model/memoryProposals.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';
import { SMALL_MODEL } from '#tests/support/models.ts';

const CONFIG: ModelConfig = {
	...SMALL_MODEL,
	...{ hiddenSize: 576, intermediateSize: 1536, layers: 30, heads: 9, kvHeads: 3, headDim: 64 },
	...{ vocabSize: 49_152, maxPositions: 2048 },
};
const PLACEMENT = { stored: 'bf16', storage: 'stored', backend: 'webgpu' } as const;

const recipeWith = (training: Partial<Recipe['training']>): Recipe => ({
	...DEFAULT_RECIPE,
	training: { ...DEFAULT_RECIPE.training, batchPairs: 8, accumulationSteps: 1, maxLength: 512, ...training },
});
const bytesOf = (recipe: Recipe, rows: number, budget = 0): number =>
	trainingMemory(CONFIG, recipe, PLACEMENT, budget, rows).bytes;
const proposalsFor = (recipe: Recipe, budget: number, pairs: readonly RowTokens[] | null) =>
	memoryProposals({ config: CONFIG, recipe, placement: PLACEMENT, budget, pairs });

const LONG: RowTokens = { prompt: 100, answer: 400 };
const SHORT: RowTokens = { prompt: 100, answer: 100 };
const FULL: RowTokens = { prompt: 300, answer: 100 };

test('a recipe that fits needs nothing', () => {
	const recipe = recipeWith({});
	expect(proposalsFor(recipe, bytesOf(recipe, 8 * 900), Array<RowTokens>(20).fill(LONG))).toEqual([]);
});

test('activations that the recipe asks for are given up first', () => {
	const recipe = recipeWith({ activations: 'keep' });
	const pairs = Array<RowTokens>(20).fill(LONG);
	const least = bytesOf(recipeWith({ activations: 'recompute' }), 8 * 900);
	const [first, second] = proposalsFor(recipe, least, pairs);
	expect(first).toEqual({
		kind: 'activations',
		training: { activations: 'auto' },
		bytes: least,
		pairs: null,
	});
	expect(second?.kind).toBe('batch');
});

test('then the same pairs in smaller batches: the largest that fit', () => {
	const recipe = recipeWith({});
	const pairs = Array<RowTokens>(20).fill(LONG);
	const budget = bytesOf(recipe, 4 * 900);
	expect(proposalsFor(recipe, budget, pairs)[0]).toEqual({
		kind: 'batch',
		training: { batchPairs: 4, accumulationSteps: 2 },
		bytes: budget,
		pairs: null,
	});
});

describe('then shorter pairs: the longest that fit, with what becomes of the pairs', () => {
	const pairs = [...Array<RowTokens>(10).fill(LONG), ...Array<RowTokens>(6).fill(SHORT), FULL];

	test('at the recipe’s batch', () => {
		// Eight pairs of 100 + 2 · (288 − 100) tokens.
		const budget = bytesOf(recipeWith({}), 8 * 476);
		const length = proposalsFor(recipeWith({}), budget, pairs).at(-1);
		expect(length).toMatchObject({
			kind: 'length',
			training: { maxLength: 288 },
			bytes: budget,
			pairs: { leftOut: 1, cut: 10 },
		});
	});

	test('and with single pairs if that is not enough', () => {
		const recipe = recipeWith({ batchPairs: 2 });
		const budget = bytesOf(recipe, 300);
		expect(proposalsFor(recipe, budget, pairs).map(({ kind, training }) => [kind, training])).toEqual([
			['length', { batchPairs: 1, accumulationSteps: 2, maxLength: 192 }],
		]);
	});

	test('but never without a pair', () => {
		expect(proposalsFor(recipeWith({}), bytesOf(recipeWith({}), 100), [FULL])).toEqual([]);
	});
});

test('before the pairs are made the usual lengths count, and nothing is said of pairs', () => {
	const recipe = { ...recipeWith({}), sampling: { ...DEFAULT_RECIPE.sampling, maxTokens: 400 } };
	const budget = bytesOf(recipe, 8 * (64 + 2 * 128));
	const length = proposalsFor(recipe, budget, null).at(-1);
	expect(length).toMatchObject({ kind: 'length', training: { maxLength: 192 }, pairs: null });
});
