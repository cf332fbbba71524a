/**
 * KTO in the trainer, on the wasm backend: its estimate of KL and its loss against f64 sums over prompts and completions that this
 * file mismatches and packs by itself, the same numbers in any micro-batches, and rows without a partner.
 */
import { afterAll, beforeAll, expect } from 'vitest';
import { packBatch } from '#core/batch/pack.ts';
import type { TokenizedCompletion, TokenizedExample, TokenizedPair } from '#core/batch/tokenize.ts';
import type { StepMetrics } from '#core/loss/metrics.ts';
import { sigmoid } from '#core/math/sigmoid.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';
import { openDevice, type Device } from '#engine/device.ts';
import type { Decoder } from '#model/decoder.ts';
import { deviceLora, paramsOf } from '#model/lora.ts';
import { Trainer } from '#train/trainer.ts';
import { golden, goldenTest } from '#tests/support/goldens.ts';
import { goldenAdapter, goldenDecoder, goldenPairs, modelFiles } from './goldenModel.ts';
import { openLora, sideLogps } from './modelNumbers.ts';

const FOLDER = 'model-llama';
const FILES = modelFiles(FOLDER);
const BETA = 0.5;

let device: Device;
beforeAll(async () => {
	device = await openDevice({ backend: 'wasm' });
});
afterAll(() => device.close());

function recipeWith(training: Partial<Recipe['training']>): Recipe {
	const { rank, alpha, targetModules } = goldenAdapter(golden, FOLDER).config;
	return {
		...DEFAULT_RECIPE,
		objective: { id: 'kto', beta: BETA },
		lora: { ...DEFAULT_RECIPE.lora, rank, alpha, targetModules: [...targetModules] },
		training: { ...DEFAULT_RECIPE.training, steps: 2, checkpointEvery: 0, ...training },
	};
}

/** Two steps over all examples in order, from the golden adapter. */
async function train(examples: readonly TokenizedExample[], micro: number): Promise<StepMetrics[]> {
	const accumulationSteps = examples.length / micro;
	const recipe = recipeWith({ batchPairs: micro, accumulationSteps });
	const model = goldenDecoder(golden, FOLDER);
	const params = paramsOf(deviceLora(model.config, recipe.lora), goldenAdapter(golden, FOLDER));
	const zeros = new Float32Array(params.length);
	const trainer = new Trainer({
		model,
		recipe,
		pairs: examples,
		truncated: 0,
		resume: { step: 0, params, m: zeros, v: zeros, numTokens: 0, samplerSeed: 1, referenceLogps: {} },
		startPaused: false,
		order: (n) => Array.from({ length: micro }, (_, i) => (n % accumulationSteps) * micro + i),
	});
	const steps: StepMetrics[] = [];
	for await (const event of trainer.run()) {
		if (event.type === 'failed') throw new Error(event.error.message);
		if (event.type === 'step') steps.push(event.metrics);
	}
	model.dispose();
	return steps;
}

/** log π_θ − log π_ref of both completions of each pair, each with its own copy of the prompt. */
async function logRatios(model: Decoder, pairs: readonly TokenizedPair[]): Promise<[number, number][]> {
	const packed = packBatch(pairs, { sharePrompt: false });
	const lora = openLora(model, goldenAdapter(golden, FOLDER));
	const [on, off] = [await sideLogps(model, packed, lora.binding), await sideLogps(model, packed, null)];
	lora.dispose();
	return on.map(({ chosen, rejected }, i) => [
		chosen.sum - off[i]!.chosen.sum,
		rejected.sum - off[i]!.rejected.sum,
	]);
}

const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;

const asRows = (pairs: readonly TokenizedPair[]): TokenizedCompletion[] =>
	pairs.flatMap(({ id, promptIds, chosenIds, rejectedIds }) => [
		{ id: `${id}+`, promptIds, completionIds: chosenIds, label: true, truncated: false },
		{ id: `${id}-`, promptIds, completionIds: rejectedIds, label: false, truncated: false },
	]);

goldenTest('KTO on pairs: estimate and loss as written out, whatever the micro-batches', FILES, async () => {
	const pairs = goldenPairs(golden, FOLDER).slice(0, 4);
	const others = pairs.map((pair, i) => ({ ...pairs.at(i - 1)!, promptIds: pair.promptIds }));
	const model = goldenDecoder(golden, FOLDER);
	const kl = Math.max(0, mean((await logRatios(model, others)).flat()));
	const ratios = await logRatios(model, pairs);
	model.dispose();
	const losses = ratios.flatMap(([w, l]) => [1 - sigmoid(BETA * (w - kl)), 1 - sigmoid(BETA * (kl - l))]);
	const [whole, halves, single] = [await train(pairs, 4), await train(pairs, 2), await train(pairs, 1)];
	expect(kl).toBeGreaterThan(0.01);
	expect(whole[0]!.kl).toBeCloseTo(kl, 4);
	expect(whole[0]!.loss).toBeCloseTo(mean(losses), 5);
	for (const other of [halves, single])
		for (const [i, { kl, loss, grad_norm }] of other.entries()) {
			expect(kl).toBeCloseTo(whole[i]!.kl!, 4);
			expect(loss).toBeCloseTo(whole[i]!.loss, 5);
			expect(grad_norm).toBeCloseTo(whole[i]!.grad_norm, 4);
		}
});

goldenTest('KTO on rows without a partner: the mean over rows, with their own rotation', FILES, async () => {
	const pairs = goldenPairs(golden, FOLDER).slice(0, 3);
	const rows = asRows(pairs);
	const model = goldenDecoder(golden, FOLDER);
	// Row i has the completion of row i − 1: a chosen row that of the pair before, a rejected row that of its own chosen row.
	const others = pairs.map((pair, i) => ({
		...pair,
		chosenIds: pairs.at(i - 1)!.rejectedIds,
		rejectedIds: pair.chosenIds,
	}));
	const kl = Math.max(0, mean((await logRatios(model, others)).flat()));
	const ratios = await logRatios(model, pairs);
	model.dispose();
	const losses = ratios.flatMap(([w, l]) => [1 - sigmoid(BETA * (w - kl)), 1 - sigmoid(BETA * (kl - l))]);
	const steps = await train(rows, 6);
	expect(steps[0]!.kl).toBeCloseTo(kl, 4);
	expect(steps[0]!.loss).toBeCloseTo(mean(losses), 5);
	expect(steps).toHaveLength(2);
});
