/** An update that is not finite ends the run; no such adapter becomes a checkpoint. */
import { beforeAll, expect, test } from 'vitest';
import type { TrainEvent } from '#core/ports.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';
import { openDevice } from '#engine/device.ts';
import { createDecoder, type Decoder } from '#model/decoder.ts';
import { expectFiniteState } from '#train/metrics.ts';
import { Trainer } from '#train/trainer.ts';
import { modelOf, randomPairs, randomTensors } from '../../../bench/models/randomModel.ts';

const CONFIG = modelOf({
	hiddenSize: 32,
	intermediateSize: 48,
	layers: 2,
	heads: 2,
	kvHeads: 1,
	headDim: 16,
	vocabSize: 64,
});
const pairs = randomPairs(4, CONFIG.vocabSize, { prompt: [2, 6], completion: [1, 9] });

let model: Decoder;
beforeAll(async () => {
	await openDevice({ backend: 'cpu' });
	model = createDecoder(CONFIG, randomTensors(CONFIG));
});

async function eventsOf(steps: number, optimiser: Partial<Recipe['optimiser']>): Promise<TrainEvent[]> {
	const recipe: Recipe = {
		...DEFAULT_RECIPE,
		optimiser: { ...DEFAULT_RECIPE.optimiser, schedule: 'constant', warmupSteps: 0, ...optimiser },
		training: { ...DEFAULT_RECIPE.training, steps, batchPairs: 2, checkpointEvery: 1 },
	};
	const events: TrainEvent[] = [];
	for await (const event of new Trainer({
		model,
		recipe,
		pairs,
		truncated: 0,
		resume: null,
		startPaused: false,
	}).run())
		events.push(event);
	return events;
}

test.each([1, 3])('of %s steps at a learning rate of 1e308, none gives a checkpoint', async (steps) => {
	const events = await eventsOf(steps, { learningRate: 1e308 });
	expect(events.filter(({ type }) => type === 'checkpoint' || type === 'done')).toEqual([]);
	expect(events.at(-1)).toMatchObject({
		type: 'failed',
		error: { code: 'non-finite', context: { step: 1 } },
		step: 1,
		lastCheckpoint: null,
	});
	expect((events.at(-1) as Extract<TrainEvent, { type: 'failed' }>).pairIds).toHaveLength(2);
});

test('checkpoints before the update that is not finite stay the last good ones', async () => {
	// Linear warm-up from 0: the first update has rate 0 and changes nothing.
	const events = await eventsOf(4, { learningRate: 1e308, warmupSteps: 1 });
	expect(events.filter(({ type }) => type === 'checkpoint')).toMatchObject([{ step: 1 }]);
	expect(events.at(-1)).toMatchObject({ type: 'failed', error: { code: 'non-finite' }, lastCheckpoint: 1 });
});

test('a moment that is not finite is no state to resume from', () => {
	const fine = Float32Array.of(1, -2, 0);
	expect(() => expectFiniteState(3, { params: fine, m: fine, v: fine })).not.toThrow();
	for (const broken of [NaN, Infinity, -Infinity]) {
		const state = { params: fine, m: fine, v: Float32Array.of(0, broken) };
		expect(() => expectFiniteState(3, state)).toThrow(expect.objectContaining({ code: 'non-finite' }));
	}
});
