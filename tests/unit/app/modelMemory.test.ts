import { expect, test } from 'vitest';
import { modelFit } from '#app/text/modelMemory.ts';
import type { ModelConfig } from '#core/model/model.ts';
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
	const fit = modelFit(LLAMA_8B, DEFAULT_RECIPE, { ...WEBGPU, budgetBytes: 4e9 });
	expect(fit).toMatchObject({ answers: false, trains: false, budget: 4e9 });
	// Eight billion numbers of four bytes, and more for the work.
	expect(fit.answering).toBeGreaterThan(32e9);
	expect(fit.training).toBeGreaterThan(32e9);
	expect(fit.words).toMatch(/more memory/);
});

test('a device can be large enough to answer, and too small to train', () => {
	const { answering, training } = modelFit(LLAMA_8B, DEFAULT_RECIPE, null);
	const recipe = { ...DEFAULT_RECIPE, training: { ...DEFAULT_RECIPE.training, batchPairs: 512 } };
	const budgetBytes = Math.max(answering, training);
	const fit = modelFit(LLAMA_8B, recipe, { ...WEBGPU, budgetBytes });
	expect(fit).toMatchObject({ answers: true, trains: false });
	expect(fit.training).toBeGreaterThan(budgetBytes);
});
