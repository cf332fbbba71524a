import { expect, test } from 'vitest';
import { modelFit, settingsOf } from '#app/text/modelMemory.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { trainingMemory } from '#core/model/memory.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { WEBGPU } from '#tests/support/fakeCompute.ts';
import { SMALL_MODEL } from '#tests/support/models.ts';

const LLAMA_8B: ModelConfig = {
	...SMALL_MODEL,
	hiddenSize: 4096,
	intermediateSize: 14_336,
	layers: 32,
	heads: 32,
	kvHeads: 8,
	headDim: 128,
	vocabSize: 128_256,
	tieWordEmbeddings: false,
	maxPositions: 8192,
};

test('a device that is too small is known before loading, with the bytes that are needed and those that there are', () => {
	const fit = modelFit({ config: LLAMA_8B, weights: 'f16' }, DEFAULT_RECIPE, { ...WEBGPU, budgetBytes: 4e9 });
	expect(fit).toMatchObject({ samples: false, trains: false, budget: 4e9 });
	// Eight billion numbers of two bytes, and more for the work.
	expect(fit.sampling).toBeGreaterThan(16e9);
	expect(fit.training).toBeGreaterThan(16e9);
	expect(fit.words).toMatch(/too large for this device: 17 GB of 4\.0 GB/);
});

test('a device can be large enough to answer, and too small to train', () => {
	const { sampling, training } = modelFit({ config: LLAMA_8B, weights: 'f16' }, DEFAULT_RECIPE, null);
	const recipe = { ...DEFAULT_RECIPE, training: { ...DEFAULT_RECIPE.training, batchPairs: 512 } };
	const budgetBytes = Math.max(sampling, training);
	const fit = modelFit({ config: LLAMA_8B, weights: 'f16' }, recipe, { ...WEBGPU, budgetBytes });
	expect(fit).toMatchObject({ samples: true, trains: false });
	expect(fit.training).toBeGreaterThan(budgetBytes);
});

test('smaller batches of the same pairs are proposed if they fit', () => {
	const model = { config: LLAMA_8B, weights: 'q4' } as const;
	const recipe = {
		...DEFAULT_RECIPE,
		training: { ...DEFAULT_RECIPE.training, batchPairs: 64, accumulationSteps: 2 },
	};
	const one = { ...recipe, training: { ...recipe.training, batchPairs: 16, accumulationSteps: 8 } };
	// Room for 16 pairs with the least activations, and for no more.
	const budgetBytes = trainingMemory(
		LLAMA_8B,
		one,
		{ stored: 'q4', storage: 'stored', backend: 'webgpu' },
		0,
	).bytes;
	const fit = modelFit(model, recipe, { ...WEBGPU, budgetBytes });
	expect(fit).toMatchObject({ samples: true, trains: false });
	expect(fit.proposals[0]).toEqual({
		kind: 'batch',
		training: { batchPairs: 16, accumulationSteps: 8 },
		bytes: budgetBytes,
		pairs: null,
	});
	expect(fit.words).toMatch(/training wants .* of .*, or .* with 16 pairs per step and 8 micro-batches$/);
	expect(modelFit(model, recipe, { ...WEBGPU, budgetBytes: 1e12 }).proposals).toEqual([]);
});

test.each([
	[
		{ kind: 'activations', training: { activations: 'auto' }, pairs: null },
		'activations that are computed again',
	],
	[
		{ kind: 'batch', training: { batchPairs: 1, accumulationSteps: 8 }, pairs: null },
		'1 pair per step and 8 micro-batches',
	],
	[{ kind: 'length', training: { maxLength: 192 }, pairs: null }, 'pairs of at most 192 tokens'],
	[
		{ kind: 'length', training: { maxLength: 192 }, pairs: { cut: 0, leftOut: 0 } },
		'pairs of at most 192 tokens, which changes no pair',
	],
	[
		{
			kind: 'length',
			training: { batchPairs: 1, accumulationSteps: 2, maxLength: 96 },
			pairs: { cut: 10, leftOut: 1 },
		},
		'1 pair per step and 2 micro-batches, and pairs of at most 96 tokens, which cuts 10 pairs and leaves out 1 pair',
	],
] as const)('a proposal in words: %#', (proposal, words) => {
	expect(settingsOf({ ...proposal, bytes: 1 })).toBe(words);
});
