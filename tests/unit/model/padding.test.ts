/** Padding of widths; tests/gpu/widths.test.ts compares padded models with a decoder in f64. */
import { describe, expect, test } from 'vitest';
import { loraLayout } from '#core/adapter/layout.ts';
import type { TrainEvent, TrainerState } from '#core/ports.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';
import { openDevice } from '#engine/device.ts';
import { createDecoder } from '#model/decoder.ts';
import { axesBetween, paddedConfig, resized, wholeAxis } from '#model/padding.ts';
import { Trainer } from '#train/trainer.ts';
import { SMALL_MODEL } from '#tests/support/models.ts';
import { modelOf, randomPairs, randomTensors } from '../../../bench/models/randomModel.ts';

const WHOLE = modelOf({
	hiddenSize: 12,
	intermediateSize: 20,
	layers: 1,
	heads: 3,
	kvHeads: 1,
	headDim: 8,
	vocabSize: 41,
});

test('a model that the kernels read is left as it is', () => {
	expect(paddedConfig(WHOLE)).toBe(WHOLE);
});

test.each([
	[{ headDim: 2 }, { headDim: 8 }],
	[{ headDim: 12 }, { headDim: 16 }],
	[{ intermediateSize: 21 }, { intermediateSize: 24 }],
	[
		{ hiddenSize: 10, rmsNormEps: 0.3 },
		{ hiddenSize: 12, rmsNormEps: 0.25 },
	],
])('%j becomes %j', (own, padded) => {
	expect(paddedConfig({ ...WHOLE, ...own })).toEqual({ ...WHOLE, ...own, ...padded });
});

describe('a matrix', () => {
	const rows = { parts: 2, from: 1, to: 2 };
	const columns = { parts: 2, from: 2, to: 3 };
	const own = [1, 2, 3, 4, 5, 6, 7, 8];
	const zeros = [0, 0, 0, 0, 0, 0];
	const padded = [1, 2, 0, 3, 4, 0, ...zeros, 5, 6, 0, 7, 8, 0, ...zeros];
	const turned = (axis: typeof rows) => ({ ...axis, from: axis.to, to: axis.from });

	test.each([Float32Array, Uint16Array])('of %o is padded run by run, and cut again', (Numbers) => {
		const wide = resized(Numbers.from(own), rows, columns);
		expect(wide).toEqual(Numbers.from(padded));
		expect(resized(wide, turned(rows), turned(columns))).toEqual(Numbers.from(own));
	});

	test('whose widths stay is not copied', () => {
		const data = Float32Array.of(1, 2);
		expect(resized(data, wholeAxis(2), wholeAxis(1))).toBe(data);
	});
});

test('halves of heads are padded apart, because the rotation pairs them', () => {
	const { queries, qkv, head } = axesBetween(SMALL_MODEL, paddedConfig(SMALL_MODEL));
	expect(queries).toEqual({ parts: 6, from: 3, to: 4 });
	expect(qkv).toEqual({ parts: 10, from: 3, to: 4 });
	expect(resized(Float32Array.of(1, 2, 3, 4, 5, 6), head, wholeAxis(1))).toEqual(
		Float32Array.of(1, 2, 3, 0, 4, 5, 6, 0),
	);
});

describe('training a padded model', () => {
	const recipe: Recipe = {
		...DEFAULT_RECIPE,
		lora: { ...DEFAULT_RECIPE.lora, rank: 3 },
		training: { ...DEFAULT_RECIPE.training, steps: 3, batchPairs: 2, checkpointEvery: 1 },
	};
	const pairs = randomPairs(4, SMALL_MODEL.vocabSize, { prompt: [2, 6], completion: [1, 9] });

	async function statesFrom(resume: TrainerState | null): Promise<Extract<TrainEvent, { type: 'done' }>[]> {
		const model = createDecoder(SMALL_MODEL, randomTensors(SMALL_MODEL));
		const states: TrainEvent[] = [];
		const setup = { model, recipe, pairs, truncated: 0, resume, startPaused: false };
		for await (const event of new Trainer(setup).run()) {
			if (event.type === 'checkpoint' || event.type === 'done' || event.type === 'failed') states.push(event);
		}
		model.dispose();
		return states as Extract<TrainEvent, { type: 'done' }>[];
	}

	test('checkpoints hold the model’s own widths, and a resumed run reaches the same numbers', async () => {
		await openDevice({ backend: 'cpu' });
		const [first, , last] = await statesFrom(null);
		const stored = loraLayout(SMALL_MODEL, { ...recipe.lora, rank: 4 });
		expect(first?.state.params).toHaveLength(stored.size);
		expect(first?.state.m).toHaveLength(stored.size);
		expect(first?.adapter.config.rank).toBe(3);
		const resumed = (await statesFrom(first?.state ?? null)).at(-1);
		expect(resumed?.type).toBe('done');
		expect(resumed?.state).toEqual(last?.state);
		expect(resumed?.adapter).toEqual(last?.adapter);
		expect(last?.adapter.matrices.some(({ loraB }) => loraB.every((value) => value !== 0))).toBe(true);
	});
});
