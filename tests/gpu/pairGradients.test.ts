/** The gradient of single pairs, and their effect on a held-out loss: against finite differences of that loss. */
import { beforeAll, expect, it } from 'vitest';
import { adapterOf, bindLora, deviceLora, initialParams, paramsOf } from '#model/lora.ts';
import { createDecoder, type Decoder } from '#model/decoder.ts';
import { exampleLosses } from '#core/loss/batchLoss.ts';
import { at } from '#core/math/at.ts';
import { rng } from '#core/math/rng.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { memoryReport, upload } from '#engine/memory.ts';
import type { Tensor1D } from '#engine/tensor.ts';
import { createBuffers, disposeBuffers } from '#train/buffers.ts';
import { LossGradients } from '#train/measure/gradients.ts';
import { pairGradients, type PairGradientRequest } from '#train/measure/pairGradients.ts';
import { stepLogps } from '#train/metrics.ts';
import { measureDrift } from '#train/drift.ts';
import { microBatchesOf, mismatchedBatches } from '#train/microBatches.ts';
import { packForStep } from '#train/pack.ts';
import { StepRunner } from '#train/step.ts';
import { stepOptions } from '#train/stepOptions.ts';
import { Turns } from '#train/turns.ts';
import { withDrift } from '#train/values.ts';
import { BACKENDS, onEachBackend } from '#tests/support/backends.ts';
import { modelOf, randomPairs, randomTensors } from '../../bench/models/randomModel.ts';

const CONFIG = modelOf({
	...{ hiddenSize: 16, intermediateSize: 24, layers: 2, heads: 2, kvHeads: 1, headDim: 8, vocabSize: 64 },
});
const ALL = randomPairs(7, CONFIG.vocabSize, { prompt: [2, 6], completion: [2, 5] });
const [PAIRS, HELD_OUT] = [ALL.slice(0, 4), ALL.slice(4)];
const RECIPE = {
	...DEFAULT_RECIPE,
	objective: { id: 'apo_zero', beta: 0.5 },
	lora: { ...DEFAULT_RECIPE.lora, rank: 4, seed: 1 },
	training: { ...DEFAULT_RECIPE.training, batchPairs: 2 },
};

/** In the browser WebGPU alone: wasm is measured in Node. */
const MEASURED_ON = BACKENDS.filter((backend) => backend === 'webgpu' || !BACKENDS.includes('webgpu'));

onEachBackend(
	'the effect of a pair',
	() => {
		let model: Decoder;
		const lora = deviceLora(CONFIG, RECIPE.lora);
		const random = rng(4);
		/** Away from the start, where B = 0 and half of the gradient is 0. */
		const params = initialParams(lora, 1).map((value) => value + 0.05 * random.normal());
		const adapter = adapterOf(lora, params, { id: 'step-3', step: 3 });
		beforeAll(() => {
			model = createDecoder(CONFIG, randomTensors(CONFIG));
		});
		const measure = (changes: Partial<PairGradientRequest> = {}) =>
			pairGradients({
				...{ model, recipe: RECIPE, pairs: PAIRS, heldOut: HELD_OUT, adapter, drift: PAIRS },
				...{ turns: new Turns(), fault: () => null, onPair: () => undefined },
				signal: new AbortController().signal,
				...changes,
			});

		it('is the slope of the held-out loss along the step against its gradient', async () => {
			const measured = await measure();
			const own = paramsOf(lora, adapter);
			const tensor = upload(own, [own.length]) as Tensor1D;
			const pair = at(PAIRS, 1);
			const packed = packForStep([pair]);
			const reference = Float32Array.from(await new StepRunner(model).logps(packed, null));
			const { objective, values } = stepOptions(RECIPE, 'all', [{ packed, reference }], { step: 1, lr: 0 });
			const gradients = new LossGradients(model, bindLora(lora, tensor), objective);
			const { gradient } = await gradients.of([{ packed, reference }], values, 'both');
			gradients.dispose();
			tensor.dispose();
			const norm = Math.hypot(...gradient);
			expect(at(measured, 1).gradNorm).toBeCloseTo(norm, 5);
			const lossAt = async (size: number): Promise<number> => {
				const moved = adapterOf(
					lora,
					own.map((value, i) => value - (size / norm) * at(gradient, i)),
					{
						...{ id: 'moved', step: 3 },
					},
				);
				const held = await measure({ pairs: HELD_OUT, heldOut: [], adapter: moved });
				return held.reduce((sum, { loss }) => sum + loss, 0) / held.length;
			};
			const size = 0.02;
			const slope = ((await lossAt(size)) - (await lossAt(-size))) / (2 * size);
			const effect = (at(measured, 1).effect ?? NaN) / norm;
			// Central differences of an f32 loss: 1e-7 of rounding over a step of 0.04, and a term of third order.
			expect(Math.abs(effect - slope)).toBeLessThan(2e-4 + 0.02 * Math.abs(slope));
		});

		/** The first of some random adapters whose drift is above 0; below it, the drift counts as 0. */
		async function driftedAdapter() {
			const packed = mismatchedBatches([PAIRS], RECIPE.training.maxLength).map(packForStep);
			for (let seed = 1; seed < 20; seed++) {
				const noise = rng(seed);
				const values = initialParams(lora, 1).map((value) => value + 0.05 * noise.normal());
				const tensor = upload(values, [values.length]) as Tensor1D;
				const kl = await measureDrift(model, packed, bindLora(lora, tensor));
				tensor.dispose();
				if (kl !== null && kl > 0.01) return adapterOf(lora, values, { id: 'step-3', step: 3 });
			}
			throw new Error('no adapter has drifted');
		}

		it('under KTO has the drift of all pairs, as one step over them has it', async () => {
			const kto = { ...RECIPE, objective: { id: 'kto', beta: 0.5 } };
			const own = await driftedAdapter();
			const measured = await measure({ recipe: kto, adapter: own });
			const runner = new StepRunner(model);
			const reference = Float32Array.from(await runner.logps(packForStep(PAIRS), null));
			const [batch] = microBatchesOf(kto, [PAIRS], () => reference);
			if (batch === undefined) throw new Error('no batch');
			const params = paramsOf(lora, own);
			const zeros = (): Float32Array => new Float32Array(params.length);
			const buffers = createBuffers({ params, m: zeros(), v: zeros() });
			const options = stepOptions(kto, 'all', [batch], { step: 1, lr: 0 });
			const { logps, kl } = await runner.step(buffers, bindLora(lora, buffers.params), [batch], options);
			disposeBuffers(buffers);
			expect(kl).toBeGreaterThan(0);
			const values = withDrift(options.values, kl);
			const losses = exampleLosses(options.objective, values, stepLogps([batch], logps));
			for (const [i, { loss }] of measured.entries()) expect(loss).toBeCloseTo(at(losses, i), 5);
			const undrifted = exampleLosses(options.objective, withDrift(values, 0), stepLogps([batch], logps));
			expect(Math.abs(at(undrifted, 0) - at(losses, 0))).toBeGreaterThan(1e-4);
			for (const { gradNorm, effect } of measured) {
				expect(gradNorm).toBeGreaterThan(0);
				expect(Number.isFinite(effect)).toBe(true);
			}
		});

		it('of an untrained adapter has rewards of 0, and none without held-out pairs', async () => {
			for (const pair of await measure({ adapter: null, heldOut: [] })) {
				expect(pair.effect).toBeNull();
				expect(Math.abs(pair.chosen) + Math.abs(pair.rejected)).toBeLessThan(1e-5);
				expect(pair.loss).toBeCloseTo(1, 5);
			}
		});

		it('reports each pair, stops when it is cancelled, and leaves nothing on the device', async () => {
			const before = memoryReport().tensors;
			const stop = new AbortController();
			const seen: string[] = [];
			const measuring = measure({
				onPair: ({ pairId }) => {
					seen.push(pairId);
					if (seen.length === 2) stop.abort();
				},
				signal: stop.signal,
			});
			await expect(measuring).rejects.toMatchObject({ code: 'cancelled' });
			expect(seen).toEqual(PAIRS.slice(0, 2).map(({ id }) => id));
			expect(memoryReport().tensors).toBe(before);
		});
	},
	MEASURED_ON,
);
