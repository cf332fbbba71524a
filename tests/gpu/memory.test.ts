/** What a run takes on the device: told before it starts, the same numbers whatever is kept, and nothing left behind. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ModelConfig } from '#core/model/model.ts';
import type { TrainEvent } from '#core/ports.ts';
import { DEFAULT_RECIPE, type Activations, type Recipe } from '#core/recipe/recipe.ts';
import { openDevice, type Device } from '#engine/device.ts';
import { memoryReport } from '#engine/memory.ts';
import { createDecoder } from '#model/decoder.ts';
import { Trainer } from '#train/trainer.ts';
import { EMBEDDED, modelOf, randomPairs, randomTensors, type PairLengths } from '../../bench/randomModel.ts';

let device: Device;
beforeAll(async () => {
	device = await openDevice({ backend: 'webgpu' });
});
afterAll(() => expect(device.fault()?.message).toBeUndefined());

const LENGTHS: PairLengths = { prompt: [16, 40], completion: [4, 24] };
const SMALL = {
	hiddenSize: 64,
	intermediateSize: 160,
	layers: 6,
	heads: 4,
	kvHeads: 2,
	headDim: 16,
	vocabSize: 512,
};

interface Case {
	config: ModelConfig;
	lengths?: PairLengths;
	training?: Partial<Recipe['training']>;
	lora?: Partial<Recipe['lora']>;
}

async function run({ config, lengths = LENGTHS, training = {}, lora = {} }: Case): Promise<TrainEvent[]> {
	const model = createDecoder(config, randomTensors(config));
	const recipe: Recipe = {
		...DEFAULT_RECIPE,
		lora: { ...DEFAULT_RECIPE.lora, ...lora },
		training: { ...DEFAULT_RECIPE.training, steps: 4, checkpointEvery: 2, ...training },
	};
	const pairs = randomPairs(24, config.vocabSize, lengths);
	const setup = { model, recipe, pairs, truncated: 0, dropped: 0, resume: null, startPaused: false };
	const events: TrainEvent[] = [];
	for await (const event of new Trainer(setup).run()) events.push(event);
	model.dispose();
	return events;
}

function memoryOf(events: readonly TrainEvent[]): {
	estimated: number;
	peak: number;
	activations: Activations;
} {
	const planned = events.find((event) => event.type === 'planned');
	const done = events.at(-1);
	if (planned?.plan.memory === undefined || done?.type !== 'done') throw new Error(JSON.stringify(done));
	const { estimatedBytes, memory } = planned.plan;
	return { estimated: estimatedBytes, peak: done.peakBytes, activations: memory.activations };
}

/** Loss and gradient norm of every step. */
const numbers = (events: readonly TrainEvent[]): number[] =>
	events.flatMap((event) => (event.type === 'step' ? [event.metrics.loss, event.metrics.grad_norm] : []));

const CASES: Record<string, Case & { activations: Activations }> = {
	'the embedded model': { activations: 'keep', config: EMBEDDED, training: { steps: 2, checkpointEvery: 1 } },
	'norms of heads, biases, a head of its own': {
		activations: 'lean',
		config: modelOf(SMALL, { qkNorm: true, attentionBias: true, tieWordEmbeddings: false }),
	},
	'three micro-batches': {
		activations: 'keep',
		config: modelOf(SMALL),
		training: { accumulationSteps: 3, batchPairs: 2 },
	},
	'a large vocabulary': {
		activations: 'recompute',
		config: modelOf({ ...SMALL, layers: 2, vocabSize: 20_000 }),
		training: { steps: 2, batchPairs: 4 },
	},
	'batches of many sizes, few modules, rank 2': {
		activations: 'lean',
		config: modelOf({ ...SMALL, layers: 3 }),
		lengths: { prompt: [2, 120], completion: [1, 60] },
		training: { batchPairs: 2, steps: 12 },
		lora: { rank: 2, targetModules: ['q_proj', 'v_proj', 'down_proj'] },
	},
};

test.each(Object.entries(CASES))(
	'%s: what was planned is what was taken, within 15%',
	async (_, settings) => {
		const { training, activations } = settings;
		const tensors = memoryReport().tensors;
		const events = await run({ ...settings, training: { ...training, activations } });
		const { estimated, peak, activations: taken } = memoryOf(events);
		expect(taken).toBe(activations);
		expect(Math.abs(estimated - peak) / peak, `planned ${estimated}, took ${peak}`).toBeLessThan(0.15);
		expect(memoryReport().tensors).toBe(tensors);
	},
);

test('whatever is kept, the numbers are the same and the memory is less', async () => {
	const config = modelOf(SMALL, { qkNorm: true });
	const runs = [];
	for (const activations of ['keep', 'lean', 'recompute'] as const) {
		const events = await run({ config, training: { activations, batchPairs: 4 } });
		runs.push({ numbers: numbers(events), ...memoryOf(events) });
	}
	const [keep, lean, recompute] = runs;
	// The same kernels on the same numbers: nothing may differ, not even by rounding.
	expect(lean!.numbers).toEqual(keep!.numbers);
	expect(recompute!.numbers).toEqual(keep!.numbers);
	expect(lean!.peak).toBeLessThan(keep!.peak);
	expect(recompute!.peak).toBeLessThan(lean!.peak);
});

test('the choice is left to the memory a page may take', async () => {
	const events = await run({ config: modelOf({ ...SMALL, layers: 1 }), training: { steps: 1 } });
	const planned = events.find((event) => event.type === 'planned');
	// A small model keeps all, so nothing else was looked at.
	expect(planned?.plan.memory).toMatchObject({
		activations: 'keep',
		automatic: true,
		estimates: { keep: planned?.plan.estimatedBytes },
	});
});
