/**
 * Whether a long run leaks: a small model trains, answers and writes checkpoints, and its memory is counted
 * during the run.
 */
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';
import { AppError } from '#core/errors.ts';
import { openDevice } from '#engine/device.ts';
import { counters, memoryReport, trimMemory } from '#engine/memory.ts';
import { createDecoder } from '#model/decoder.ts';
import { Trainer } from '#train/trainer.ts';
import { answerOnTheWay, randomRows } from './answers.ts';
import { modelOf, randomPairs, randomTensors } from '../models/randomModel.ts';

export interface LeakReport {
	steps: number;
	/** Growth from the first tenth of the steps to the end of the run. */
	leakBytes: number;
	leakTensors: number;
	leakBuffers: number;
	leakUniformBuffers: number;
	leakBindGroups: number;
	/** Memory of the run that was still held after it. */
	keptTensors: number;
	keptBytes: number;
}

const MODEL = modelOf({
	hiddenSize: 32,
	intermediateSize: 64,
	layers: 2,
	heads: 2,
	kvHeads: 1,
	headDim: 16,
	vocabSize: 128,
});
const EVERY = 25;
const ROWS = randomRows([3, 7, 5], MODEL.vocabSize, 8);

function counts(): Record<'tensors' | 'buffers' | 'bytes' | 'uniformBuffers' | 'bindGroups', number> {
	const { tensors, buffers, bytesAllocated } = memoryReport();
	const { uniformBuffers, bindGroups } = counters();
	return { tensors, buffers, bytes: bytesAllocated, uniformBuffers, bindGroups };
}

/** @param steps at least 100 */
export async function measureLeak(steps = 500): Promise<LeakReport> {
	await openDevice({ backend: 'webgpu' });
	const model = createDecoder(MODEL, randomTensors(MODEL));
	// Only few sizes occur, so caches by size are full after the first steps, and every later growth is a leak.
	const pairs = randomPairs(64, MODEL.vocabSize, { prompt: [10, 12], completion: [5, 6] });
	const training = { ...DEFAULT_RECIPE.training, steps, batchPairs: 4, checkpointEvery: EVERY };
	const recipe: Recipe = { ...DEFAULT_RECIPE, training };
	const setup = { model, recipe, pairs, truncated: 0, resume: null, startPaused: false };
	trimMemory();
	const before = counts();
	const trainer = new Trainer(setup);
	let early = before;
	let late = before;
	for await (const event of trainer.run()) {
		if (event.type === 'failed') throw new AppError(event.error.message, { code: event.error.code });
		if (event.type !== 'checkpoint') continue;
		await answerOnTheWay(model, trainer, ROWS);
		if (event.step <= Math.max(2 * EVERY, steps / 10)) early = counts();
		late = counts();
	}
	trimMemory();
	const after = counts();
	model.dispose();
	return {
		steps,
		leakBytes: late.bytes - early.bytes,
		leakTensors: late.tensors - early.tensors,
		leakBuffers: late.buffers - early.buffers,
		leakUniformBuffers: late.uniformBuffers - early.uniformBuffers,
		leakBindGroups: late.bindGroups - early.bindGroups,
		keptTensors: after.tensors - before.tensors,
		keptBytes: after.bytes - before.bytes,
	};
}
