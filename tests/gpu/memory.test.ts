/**
 * Memory of a run on the device: estimated before it starts, equal numbers for every choice of activations,
 * and no leaks.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NumberFormat } from '#core/format/numberFormat.ts';
import type { ModelConfig } from '#core/model/model.ts';
import type { TrainEvent } from '#core/ports.ts';
import { DEFAULT_RECIPE, type Activations, type Recipe } from '#core/recipe/recipe.ts';
import { openDevice, type Device } from '#engine/device.ts';
import { targetLogps, targetLogpsGrad } from '#engine/kernels/targetLogps/targetLogps.ts';
import { flush, memoryReport, rehearse, resetPeak, trimMemory, upload } from '#engine/memory.ts';
import type { Tensor1D, Tensor2D } from '#engine/tensor.ts';
import { f32Weight } from '#engine/weight.ts';
import { createDecoder } from '#model/decoder.ts';
import type { StoredTensor } from '#model/fuse.ts';
import type { GenerateRow } from '#model/generate.ts';
import { Trainer } from '#train/trainer.ts';
import { planRun } from '#train/plan.ts';
import { shapeForStep } from '#train/pack.ts';
import { deviceLora } from '#model/lora.ts';
import { storedAs } from '#tests/support/quantise.ts';
import { answerOnTheWay, heldOutRows } from '../../bench/page/answers.ts';
import { imaginaryDecoder } from '../../bench/models/imaginaryModel.ts';
import {
	EMBEDDED,
	modelOf,
	pairOfRows,
	randomPairs,
	randomTensors,
	WORLD_LENGTHS,
	type PairLengths,
} from '../../bench/models/randomModel.ts';

let device: Device;
beforeAll(async () => {
	device = await openDevice({ backend: 'webgpu' });
});
afterAll(() => expect(device.fault()?.message).toBeUndefined());

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
	objective?: Recipe['objective'];
	lora?: Partial<Recipe['lora']>;
	/** Of the matrices, in the files and on the device. */
	format?: NumberFormat;
	/** Held-out prompts to answer at every checkpoint. */
	answers?: readonly GenerateRow[];
}

async function run({
	config,
	lengths = WORLD_LENGTHS,
	training = {},
	lora = {},
	answers = [],
	format = 'f32',
	objective = DEFAULT_RECIPE.objective,
}: Case): Promise<TrainEvent[]> {
	const model = createDecoder(config, tensorsIn(format, config), 'stored');
	const recipe: Recipe = {
		...DEFAULT_RECIPE,
		objective,
		lora: { ...DEFAULT_RECIPE.lora, ...lora },
		training: { ...DEFAULT_RECIPE.training, steps: 4, checkpointEvery: 2, ...training },
	};
	const pairs = randomPairs(24, config.vocabSize, lengths);
	const rest = { truncated: 0, resume: null, startPaused: false };
	const batches = answers.length > 0 ? [answers] : [];
	const trainer = new Trainer({ model, recipe, pairs, answers: batches, ...rest });
	const events: TrainEvent[] = [];
	for await (const event of trainer.run()) {
		events.push(event);
		if (event.type === 'checkpoint' && answers.length > 0) await answerOnTheWay(model, trainer, answers);
	}
	model.dispose();
	return events;
}

function tensorsIn(format: NumberFormat, config: ModelConfig): Map<string, StoredTensor> {
	const tensors = [...randomTensors(config)].map(([name, { shape, data }]): [string, StoredTensor] => [
		name,
		{ shape, ...(shape.length === 2 ? storedAs(format, data) : { data }) },
	]);
	return new Map(tensors);
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
	'held-out prompts answered on the way': {
		activations: 'recompute',
		config: EMBEDDED,
		training: { steps: 3, checkpointEvery: 1, batchPairs: 2 },
		answers: heldOutRows(24),
	},
	'norms of heads, biases, a head of its own': {
		activations: 'lean',
		config: modelOf(SMALL, { qkNorm: true, attentionBias: true, tieWordEmbeddings: false }),
	},
	'three micro-batches': {
		activations: 'keep',
		config: modelOf(SMALL),
		training: { accumulationSteps: 3, batchPairs: 2 },
	},
	'KTO, which also passes mismatched completions': {
		activations: 'recompute',
		config: modelOf(SMALL),
		lengths: { prompt: [2, 60], completion: [1, 40] },
		training: { accumulationSteps: 2, batchPairs: 2 },
		objective: { id: 'kto', beta: 0.5 },
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

/** Weights of 5 MB in f32, more than all else in this run. */
for (const format of ['f16', 'bf16', 'q4'] as const) {
	CASES[`weights in ${format}`] = {
		activations: 'recompute',
		config: modelOf({ ...SMALL, layers: 1, vocabSize: 20_000 }),
		format,
		training: { steps: 1, checkpointEvery: 1, batchPairs: 1 },
		lora: { rank: 4, targetModules: ['q_proj'] },
	};
}

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
	// Same kernels, same numbers: the results must be equal to the bit.
	expect(lean!.numbers).toEqual(keep!.numbers);
	expect(recompute!.numbers).toEqual(keep!.numbers);
	expect(lean!.peak).toBeLessThan(keep!.peak);
	expect(recompute!.peak).toBeLessThan(lean!.peak);
});

test('the choice is left to the memory a page may take', async () => {
	const events = await run({ config: modelOf({ ...SMALL, layers: 1 }), training: { steps: 1 } });
	const planned = events.find((event) => event.type === 'planned');
	// A small model keeps everything, so no other choice was planned.
	expect(planned?.plan.memory).toMatchObject({
		activations: 'keep',
		automatic: true,
		estimates: { keep: planned?.plan.estimatedBytes },
	});
});

interface HeadSizes {
	T: number;
	N: number;
	V: number;
	C: number;
}

/** Head, loss and their gradient; frees inputs and results at the end. @returns bytes of the inputs */
function headPass({ T, N, V, C }: HeadSizes): number {
	const matrix = (rows: number): Tensor2D => upload(new Float32Array(rows * C), [rows, C]) as Tensor2D;
	const ints = (): Tensor1D => upload(new Int32Array(N), [N]) as Tensor1D;
	const head = f32Weight(matrix(V));
	const [h, rows, targets] = [matrix(T), ints(), ints()];
	const { logps, lse, entropy } = targetLogps(h, head, rows, targets);
	const dlogps = upload(new Float32Array(N), [N]) as Tensor1D;
	const dh = targetLogpsGrad(dlogps, h, head, rows, targets, lse);
	for (const tensor of [head.data, h, rows, targets, logps, lse, entropy, dlogps, dh]) tensor.dispose();
	return 4 * (V * C + T * C + 2 * N);
}

test('head and loss take less than 64 MB for 1,024 targets of 128,256 words, results included', async () => {
	for (const C of [576, 896, 2048]) {
		const sizes = { T: 1280, N: 1024, V: 128_256, C };
		let inputs = 0;
		const rehearsal = await rehearse(() => {
			inputs = headPass(sizes);
		});
		expect(rehearsal!.bytes - inputs, `C = ${C}`).toBeLessThan(64e6);
		expect(rehearsal!.bytes - inputs).toBeGreaterThan(4 * sizes.N * sizes.C);
	}
});

test('the rehearsal of head and loss counts what a real pass then takes', async () => {
	const sizes = { T: 48, N: 64, V: 128_256, C: 16 };
	const rehearsal = await rehearse(() => void headPass(sizes));
	trimMemory();
	resetPeak();
	const before = memoryReport().bytesUsed;
	headPass(sizes);
	flush();
	expect(memoryReport().peakBytes - before).toBe(rehearsal!.bytes);
});

test('a dispatch or a buffer that is more than the GPU takes at once is refused with need and limit', async () => {
	const wide = { ...DEFAULT_RECIPE.training, batchPairs: 24, maxLength: 40_000, steps: 1 };
	const events = await run({
		config: modelOf({ ...SMALL, layers: 1 }),
		lengths: { prompt: [3000, 3000], completion: [100, 100] },
		training: wide,
	});
	expect(events).toMatchObject([{ type: 'failed', error: { code: 'grid-too-large' }, step: 0 }]);
});

test('a step of 8,192 rows at the widths of an 8B model stays within every limit of a dispatch', async () => {
	const config = modelOf(
		{
			hiddenSize: 4096,
			intermediateSize: 14_336,
			layers: 2,
			heads: 32,
			kvHeads: 8,
			headDim: 128,
			vocabSize: 152_064,
		},
		{ attentionBias: true, tieWordEmbeddings: false },
	);
	const model = imaginaryDecoder(config, 8192);
	const training = { ...DEFAULT_RECIPE.training, steps: 1, batchPairs: 1, activations: 'recompute' as const };
	const recipe = { ...DEFAULT_RECIPE, training };
	const lora = deviceLora(config, recipe.lora);
	const { plan, largest } = await planRun({
		model,
		lora,
		recipe,
		pairs: [pairOfRows(8192, config.vocabSize)],
		answers: [],
		order: () => [0],
	});
	expect(shapeForStep(largest.step).rows).toBe(8192);
	// Twice the width of gate and up: for their activations and for the gradient of these.
	expect(plan.estimatedBytes - model.bytes).toBeGreaterThan(2 * 4 * 8192 * 2 * config.intermediateSize);
});
