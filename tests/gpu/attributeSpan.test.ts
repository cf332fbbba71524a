/** The change of log π over some steps, in parts: on the cpu and wasm backends, against real steps and finite differences. */
import { beforeAll, describe, expect, it, test } from 'vitest';
import { meanAttribution, type LogpChange, type SpanAttribution } from '#core/loss/attribution.ts';
import { at } from '#core/math/at.ts';
import { rng } from '#core/math/rng.ts';
import type { TrainerState } from '#core/ports.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';
import { adamWReference } from '#engine/kernels/adamW/adamW.reference.ts';
import { memoryReport, upload } from '#engine/memory.ts';
import type { Tensor1D } from '#engine/tensor.ts';
import { createDecoder, type Decoder } from '#model/decoder.ts';
import { bindLora, deviceLora, fromStored } from '#model/lora.ts';
import { attributeSpan, type SpanRequest } from '#train/measure/attributeSpan.ts';
import { splitState, splitUpdate } from '#train/measure/splitUpdate.ts';
import { packForStep } from '#train/pack.ts';
import { StepRunner } from '#train/step.ts';
import { Trainer } from '#train/trainer.ts';
import { Turns } from '#train/turns.ts';
import { BACKENDS, onEachBackend } from '#tests/support/backends.ts';
import { modelOf, randomPairs, randomTensors } from '../../bench/models/randomModel.ts';

const CONFIG = modelOf({
	...{ hiddenSize: 16, intermediateSize: 24, layers: 2, heads: 2, kvHeads: 1, headDim: 8, vocabSize: 64 },
});
const PAIRS = randomPairs(6, CONFIG.vocabSize, { prompt: [2, 6], completion: [2, 5] });

const recipe = (id = 'apo_zero', changes: Partial<Recipe['optimiser']> = {}): Recipe => ({
	...DEFAULT_RECIPE,
	objective: { id, beta: 0.5 },
	lora: { ...DEFAULT_RECIPE.lora, rank: 4, seed: 1 },
	optimiser: { ...DEFAULT_RECIPE.optimiser, learningRate: 2e-3, warmupSteps: 0, ...changes },
	training: { ...DEFAULT_RECIPE.training, steps: 5, batchPairs: 2, seed: 1, checkpointEvery: 1 },
});

/** In the browser WebGPU alone: wasm is measured in Node. */
const MEASURED_ON = BACKENDS.filter((backend) => backend === 'webgpu' || !BACKENDS.includes('webgpu'));

/** The states of a real run after each step. */
async function statesOf(model: Decoder, of: Recipe): Promise<Map<number, TrainerState>> {
	const states = new Map<number, TrainerState>();
	const trainer = new Trainer({
		model,
		recipe: of,
		pairs: PAIRS,
		truncated: 0,
		resume: null,
		startPaused: false,
	});
	for await (const event of trainer.run())
		if ((event.type === 'checkpoint' || event.type === 'done') && event.state.step > 0)
			states.set(event.state.step, event.state);
	return states;
}

/** log π of each pair's answers at a state, as the trainer's own forward pass computes them. */
async function logpsAt(model: Decoder, of: Recipe, { params }: TrainerState): Promise<number[]> {
	const lora = deviceLora(model.config, of.lora);
	const tensor = upload(Float32Array.from(fromStored(lora, params)), [params.length]) as Tensor1D;
	const logps: number[] = [];
	for (const pair of PAIRS)
		logps.push(
			...(await new StepRunner(model).logps(packForStep([pair]), bindLora(lora, tensor))).slice(0, 2),
		);
	tensor.dispose();
	return logps;
}

const rest = ({ chosen, rejected, earlier, total }: LogpChange): number =>
	total - chosen - rejected - earlier;

onEachBackend(
	'the account of a span',
	() => {
		let model: Decoder;
		beforeAll(() => {
			model = createDecoder(CONFIG, randomTensors(CONFIG));
		});
		const measure = (changes: Partial<SpanRequest>): Promise<SpanAttribution> =>
			attributeSpan({
				...{ model, recipe: recipe(), pairs: PAIRS, start: null, from: 1, to: 1 },
				...{ probes: PAIRS.map(({ id }) => id), turns: new Turns(), fault: () => null },
				...{ onProgress: () => undefined, signal: new AbortController().signal },
				...changes,
			});

		it('has the totals of the real steps, from the start and from a checkpoint', async () => {
			const states = await statesOf(model, recipe());
			const [before, after] = [states.get(2), states.get(4)];
			if (before === undefined || after === undefined) throw new Error('no states');
			const [first, last] = [await logpsAt(model, recipe(), before), await logpsAt(model, recipe(), after)];
			// In the browser each pass is slow, so one start is enough there.
			for (const start of BACKENDS.includes('webgpu') ? [before] : [null, states.get(1) ?? null, before]) {
				const { pairs } = await measure({ start, from: 3, to: 4 });
				const totals = pairs.flatMap(({ chosen, rejected }) => [chosen.total, rejected.total]);
				// The optimiser rounds to f32 on the device; log π has about seven digits.
				for (const [i, total] of totals.entries())
					expect(Math.abs(total - (at(last, i) - at(first, i)))).toBeLessThan(2e-4);
			}
		});

		it('adds up: only the weight decay and a third-order part remain', async () => {
			const { pairs } = await measure({ from: 1, to: 4 });
			for (const { chosen, rejected } of pairs)
				for (const change of [chosen, rejected]) {
					expect(change.earlier).toBe(0);
					expect(Math.abs(rest(change))).toBeLessThan(0.02 * Math.abs(change.total) + 1e-3);
				}
		});

		it('gives a part that the objective does not have nothing', async () => {
			const { pairs } = await measure({ recipe: recipe('sft') });
			// f32 sums in another order.
			for (const { chosen, rejected } of pairs) {
				expect(Math.abs(chosen.rejected)).toBeLessThan(1e-6);
				expect(Math.abs(rejected.rejected)).toBeLessThan(1e-6);
				expect(Math.abs(chosen.chosen)).toBeGreaterThan(1e-5);
			}
		});

		it('has the totals of KTO’s real steps, whose loss reads the drift', async () => {
			const kto = recipe('kto', { learningRate: 2e-2 });
			const states = await statesOf(model, kto);
			const [before, after] = [states.get(2), states.get(3)];
			if (before === undefined || after === undefined) throw new Error('no states');
			const [first, last] = [await logpsAt(model, kto, before), await logpsAt(model, kto, after)];
			const { pairs } = await measure({ recipe: kto, start: before, from: 3, to: 3 });
			const totals = pairs.flatMap(({ chosen, rejected }) => [chosen.total, rejected.total]);
			for (const [i, total] of totals.entries())
				expect(Math.abs(total - (at(last, i) - at(first, i)))).toBeLessThan(2e-4);
			expect(Math.max(...totals.map(Math.abs))).toBeGreaterThan(1e-2);
		});

		it('names the momentum of steps before the span', async () => {
			const states = await statesOf(model, recipe());
			const { pairs } = await measure({ start: states.get(3) ?? null, from: 4, to: 4 });
			expect(Math.abs(meanAttribution(pairs)?.chosen.earlier ?? 0)).toBeGreaterThan(1e-4);
		});

		it('leaves nothing on the device, and measures only the pairs that it is asked for', async () => {
			const before = memoryReport().tensors;
			const { pairs } = await measure({ probes: [at(PAIRS, 1).id] });
			expect(pairs.map(({ pairId }) => pairId)).toEqual([at(PAIRS, 1).id]);
			expect(memoryReport().tensors).toBe(before);
		});

		it('stops when it is cancelled', async () => {
			const stop = new AbortController();
			const measuring = measure({ to: 5, onProgress: () => stop.abort(), signal: stop.signal });
			await expect(measuring).rejects.toMatchObject({ code: 'cancelled' });
		});
	},
	MEASURED_ON,
);

describe('a split update', () => {
	test.each([0, 0.5])('sums to AdamW with clipping at %d, over several steps', (maxGradNorm) => {
		const random = rng(5);
		const draw = (scale = 1): Float32Array<ArrayBuffer> =>
			Float32Array.from({ length: 40 }, () => scale * random.normal());
		const [params, m, v] = [draw(), draw(0.1), draw(0.1).map((x) => x * x)];
		const split = splitState(params.slice(), m, v);
		const reference = {
			params: Float64Array.from(params),
			m: Float64Array.from(m),
			v: Float64Array.from(v),
		};
		for (let step = 3; step < 6; step++) {
			const options = {
				...{ lr: 0.01, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1, step, maxGradNorm },
			};
			const gradients = { chosen: draw(), rejected: draw() };
			const { all } = splitUpdate(split, gradients, options);
			split.params.set(split.params.map((value, i) => value + at(all, i)));
			adamWReference(
				reference,
				gradients.chosen.map((g, i) => g + at(gradients.rejected, i)),
				options,
			);
			for (const [i, value] of split.params.entries()) {
				// f32 against f64.
				expect(Math.abs(value - at(reference.params, i))).toBeLessThan(1e-6);
				expect(at(split.m.earlier, i) + at(split.m.chosen, i) + at(split.m.rejected, i)).toBeCloseTo(
					at(reference.m, i),
					5,
				);
			}
		}
	});
});
