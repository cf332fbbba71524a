/** Every check passes on a sound trainer, leaves nothing behind, and fails if one part of the trainer is broken. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cancelled } from '#core/errors.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';
import { memoryReport, readNow, upload } from '#engine/memory.ts';
import { createDecoder, type Decoder } from '#model/decoder.ts';
import { deviceLora } from '#model/lora.ts';
import { checkAdapterOff } from '#train/checks/adapterOff.ts';
import type { CheckBench } from '#train/checks/bench.ts';
import { checkGradient, TOLERANCE } from '#train/checks/gradient.ts';
import { checkOverfit } from '#train/checks/overfit.ts';
import { checkFirstLoss } from '#train/checks/stepZero.ts';
import { StepRunner } from '#train/step.ts';
import { onEachBackend, BACKENDS } from '#tests/support/backends.ts';
import { modelOf, randomPairs, randomTensors } from '../../bench/models/randomModel.ts';

const CONFIG = modelOf({
	hiddenSize: 32,
	intermediateSize: 48,
	layers: 2,
	heads: 2,
	kvHeads: 1,
	headDim: 16,
	vocabSize: 64,
});
const PAIRS = randomPairs(16, CONFIG.vocabSize, { prompt: [2, 6], completion: [3, 9] });

function recipeOf(objective: string, targetModules = DEFAULT_RECIPE.lora.targetModules): Recipe {
	return {
		...DEFAULT_RECIPE,
		objective: { id: objective, beta: 0.5 },
		lora: { ...DEFAULT_RECIPE.lora, rank: 4, targetModules },
		optimiser: { ...DEFAULT_RECIPE.optimiser, learningRate: 2e-2 },
	};
}

const inBrowser = typeof document !== 'undefined';
/** One backend for each set of bodies: our WGSL in the browser, the stock bodies in Node. */
const ON = BACKENDS.filter((backend) => backend === (inBrowser ? 'webgpu' : 'wasm'));
const OBJECTIVES = inBrowser ? ['apo_zero'] : ['apo_zero', 'apo_down', 'dpo', 'sft', 'kto'];
/** Modules of the checks that must fail: every direction takes two passes. */
const FEW: Recipe['lora']['targetModules'] = ['q_proj', 'down_proj'];

onEachBackend(
	'the checks of a run',
	() => {
		let model: Decoder;
		beforeAll(() => {
			model = createDecoder(CONFIG, randomTensors(CONFIG));
		});
		afterAll(() => model.dispose());

		function bench(
			objective = 'apo_zero',
			runner: Partial<CheckBench['runner']> = {},
			targetModules = DEFAULT_RECIPE.lora.targetModules,
		): CheckBench {
			const sound = new StepRunner(model);
			const recipe = recipeOf(objective, targetModules);
			return {
				runner: {
					step: runner.step ?? ((...args) => sound.step(...args)),
					logps: runner.logps ?? ((...args) => sound.logps(...args)),
				},
				...{ recipe, lora: deviceLora(CONFIG, recipe.lora), pairs: PAIRS },
				...{ onProgress: () => undefined, signal: new AbortController().signal },
			};
		}

		/** The real runner, with the gradient changed after the backward pass. */
		function withGradient(change: (values: Float32Array) => void): Partial<CheckBench['runner']> {
			const sound = new StepRunner(model);
			return {
				step: async (buffers, lora, microBatches, options) => {
					const reading = await sound.step(buffers, lora, microBatches, options);
					const values = await readNow(buffers.grads);
					change(values);
					const broken = upload(values, [values.length]) as typeof buffers.grads;
					buffers.grads.dispose();
					buffers.grads = broken;
					return reading;
				},
			};
		}

		describe('step 0', () => {
			test.each(OBJECTIVES)('%s has its known loss', async (objective) => {
				const outcome = await checkFirstLoss(bench(objective));
				expect(outcome).toMatchObject({ passed: true, pairs: 8, margin: 0 });
				expect(outcome.loss).toBeCloseTo(outcome.expectedLoss, 6);
			});

			test('fails if an untrained adapter changes the model', async () => {
				const sound = new StepRunner(model);
				const logps: CheckBench['runner']['logps'] = async (packed, lora) =>
					(await sound.logps(packed, lora)).map((value, s) => (lora === null || s % 2 ? value : value + 0.1));
				const outcome = await checkFirstLoss(bench('apo_zero', { logps }));
				expect(outcome).toMatchObject({ passed: false, expectedLoss: 1 });
				expect(outcome.margin).toBeCloseTo(0.05, 4);
			});
		});

		describe('adapter off equals base', () => {
			test('bit for bit, while the adapter on moves every completion', async () => {
				const outcome = await checkAdapterOff(bench());
				expect(outcome).toMatchObject({ passed: true, differing: 0, largest: 0, completions: 16 });
				expect(outcome.moved).toBeGreaterThan(0.01);
			});

			test('fails if strength 0 leaves a trace, however small', async () => {
				const sound = new StepRunner(model);
				const logps: CheckBench['runner']['logps'] = async (packed, lora) =>
					(await sound.logps(packed, lora)).map((value) => (lora === null ? value : value * (1 + 1e-6)));
				expect(await checkAdapterOff(bench('apo_zero', { logps }))).toMatchObject({ passed: false });
			});

			test('fails if the adapter does nothing, because nothing was tested', async () => {
				const sound = new StepRunner(model);
				const logps: CheckBench['runner']['logps'] = (packed) => sound.logps(packed, null);
				const outcome = await checkAdapterOff(bench('apo_zero', { logps }));
				expect(outcome).toMatchObject({ passed: false, differing: 0, moved: 0 });
			});
		});

		describe('the gradient check', () => {
			test.each(OBJECTIVES)('agrees for %s in every part', async (objective) => {
				const outcome = await checkGradient(bench(objective));
				expect(outcome).toMatchObject({ passed: true, tolerance: TOLERANCE });
				expect(outcome.directions.map(({ part }) => part)).toHaveLength(14);
				// Rounding and curvature together.
				expect(outcome.largest).toBeLessThan(TOLERANCE / 10);
			});

			test('fails on a wrong sign, in every part', async () => {
				const runner = withGradient((values) => values.forEach((value, i) => (values[i] = -value)));
				const { passed, directions } = await checkGradient(bench('apo_zero', runner, FEW));
				expect(passed).toBe(false);
				expect(directions.every((direction) => !direction.passed)).toBe(true);
			});

			test('names the part whose gradient is missing or scaled', async () => {
				const { layout } = deviceLora(CONFIG, recipeOf('apo_zero', FEW).lora);
				const down = layout.slots.filter(({ projection }) => projection === 'down');
				for (const factor of [0, 0.5]) {
					const runner = withGradient((values) => {
						for (const { bOffset, bRows, rank } of down)
							for (let i = bOffset; i < bOffset + bRows * rank; i++) values[i] = factor * (values[i] ?? 0);
					});
					const { directions } = await checkGradient(bench('apo_zero', runner, FEW));
					expect(directions.filter(({ passed }) => !passed).map(({ part }) => part)).toEqual(['down_proj B']);
				}
			});
		});

		describe('overfit eight pairs', () => {
			test.each(inBrowser ? ['apo_zero', 'dpo'] : ['apo_zero', 'dpo', 'kto'])(
				'%s learns all eight',
				async (objective) => {
					const outcome = await checkOverfit(bench(objective));
					expect(outcome).toMatchObject({ passed: true, learned: 8, pairs: 8 });
					expect(outcome.lossAfter).toBeLessThan(outcome.lossBefore);
				},
			);

			test('fails if the parameters climb instead of descend', async () => {
				const sound = new StepRunner(model);
				const step: CheckBench['runner']['step'] = (buffers, lora, microBatches, options) =>
					sound.step(buffers, lora, microBatches, {
						...options,
						adamW: { ...options.adamW, lr: -options.adamW.lr },
					});
				const outcome = await checkOverfit(bench('apo_zero', { step }), 10);
				expect(outcome).toMatchObject({ passed: false, learned: 0, steps: 10 });
			});
		});

		test('a check frees all that it made, also if it is cancelled between two passes', async () => {
			const cancel = new AbortController();
			const before = memoryReport().liveBytes;
			for (const check of [checkFirstLoss, checkAdapterOff, checkGradient, checkOverfit]) {
				await expect(
					check({ ...bench(), signal: cancel.signal, onProgress: () => cancel.abort() }),
				).rejects.toThrow(Cancelled);
			}
			expect(memoryReport().liveBytes).toBe(before);
		});
	},
	ON,
);
