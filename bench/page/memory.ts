/** Device memory of runs: the plan before the start, and the count of the GPU buffer pool. */
import { AppError } from '#core/errors.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { openDevice } from '#engine/device.ts';
import { createDecoder } from '#model/decoder.ts';
import type { GenerateRow } from '#model/generate.ts';
import { Trainer } from '#train/trainer.ts';
import { median } from '../node/stats.mjs';
import { answerOnTheWay, heldOutRows } from './answers.ts';
import { planModels, type PlannedModel } from '../workloads/shapes.ts';
import { EMBEDDED, modelOf, randomPairs, randomTensors, WORLD_LENGTHS } from '../models/randomModel.ts';

export interface MemoryMeasured {
	name: string;
	estimatedBytes: number;
	peakBytes: number;
	/** Median over the steps after the first. */
	secondsAStep: number;
}

export interface MemoryCounts extends Pick<MemoryMeasured, 'estimatedBytes' | 'peakBytes'> {
	/** The first is the default recipe on the embedded model's shape, which is also in the text above. */
	cases: readonly MemoryMeasured[];
	/** Packed rows per step, and the memory that models of published shapes would need for them. */
	rows: number;
	planned: readonly PlannedModel[];
}

/** Packed rows per step of the published models. */
const ROWS = 1024;

/** With as many tokens as an answer may have. */
const PROMPTS = heldOutRows(DEFAULT_RECIPE.evaluation.maxTokens);

async function measureRun(
	name: string,
	config: ModelConfig,
	training: Partial<typeof DEFAULT_RECIPE.training>,
	answers: readonly GenerateRow[] = [],
): Promise<MemoryMeasured> {
	const model = createDecoder(config, randomTensors(config));
	const pairs = randomPairs(64, config.vocabSize, WORLD_LENGTHS);
	const recipe = { ...DEFAULT_RECIPE, training: { ...DEFAULT_RECIPE.training, ...training } };
	const trainer = new Trainer({
		model,
		recipe,
		pairs,
		truncated: 0,
		resume: null,
		startPaused: false,
		answers: answers.length > 0 ? [answers] : [],
	});
	let [estimatedBytes, peakBytes] = [0, 0];
	const seconds: number[] = [];
	for await (const event of trainer.run()) {
		if (event.type === 'failed') throw new AppError(event.error.message, { code: event.error.code });
		if (event.type === 'planned') estimatedBytes = event.plan.estimatedBytes;
		if (event.type === 'checkpoint' && answers.length > 0) await answerOnTheWay(model, trainer, answers);
		if (event.type === 'step' && event.metrics.step > 1) seconds.push(event.metrics.seconds);
		if (event.type === 'done') peakBytes = event.peakBytes;
	}
	model.dispose();
	return { name, estimatedBytes, peakBytes, secondsAStep: median(seconds) };
}

export async function measureMemory(): Promise<MemoryCounts> {
	await openDevice({ backend: 'webgpu' });
	const short = { steps: 4, checkpointEvery: 2 };
	const timed = { steps: 10, checkpointEvery: 5 };
	const first = await measureRun('default recipe', EMBEDDED, timed);
	const cases = [
		first,
		await measureRun('held-out answers on the way', EMBEDDED, short, PROMPTS),
		await measureRun('two micro-batches', EMBEDDED, { ...short, accumulationSteps: 2 }),
		await measureRun('activations lean', EMBEDDED, { ...timed, activations: 'lean' }),
		await measureRun('activations recomputed', EMBEDDED, { ...timed, activations: 'recompute' }),
		await measureRun(
			'norms of heads, biases',
			modelOf(EMBEDDED, { qkNorm: true, attentionBias: true }),
			short,
		),
		await measureRun('32,000 words', modelOf(EMBEDDED, { layers: 1, vocabSize: 32_000 }), {
			...short,
			steps: 2,
		}),
	];
	const { estimatedBytes, peakBytes } = first;
	return { estimatedBytes, peakBytes, cases, rows: ROWS, planned: await planModels(ROWS) };
}
