/** The parts of a run that its checks work on. */
import { countUnpaired } from '#core/batch/segments.ts';
import type { TokenizedPair } from '#core/batch/tokenize.ts';
import { expectPartners } from '#core/loss/example.ts';
import { Cancelled } from '#core/errors.ts';
import { at } from '#core/math/at.ts';
import type { Progress } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { nextTask } from '#core/concurrency.ts';
import { tensor1d } from '#engine/tensor.ts';
import { bindLora, type DeviceLora, type LoraBinding } from '#model/lora.ts';
import { microBatchesOf } from '../microBatches.ts';
import { packForStep } from '../pack.ts';
import { stepOptions } from '../stepOptions.ts';
import type { MicroBatch, StepOptions, StepRunner } from '../step.ts';

export interface CheckBench {
	/** The passes on the device; tests replace them with broken ones. */
	runner: Pick<StepRunner, 'step' | 'logps'>;
	lora: DeviceLora;
	recipe: Recipe;
	/** At least one. */
	pairs: readonly TokenizedPair[];
	onProgress: (progress: Progress) => void;
	signal: AbortSignal;
}

/** Reports progress and lets messages arrive. @throws Cancelled */
export async function mark({ onProgress, signal }: CheckBench, done: number, total: number): Promise<void> {
	onProgress({ phase: 'Checking', done, total });
	await nextTask();
	if (signal.aborted) throw new Cancelled();
}

/** The first pairs as one batch, with the log-probabilities of the run's reference model. */
export async function batchOf({ runner, recipe, pairs }: CheckBench, count: number): Promise<MicroBatch> {
	const some = pairs.slice(0, count);
	const reference = Float32Array.from(await runner.logps(packForStep(some), null));
	return at(
		microBatchesOf(recipe, [some], () => reference),
		0,
	);
}

/** The run's step on one batch, without decay and clipping. */
export function plainStep(
	{ recipe }: CheckBench,
	batch: MicroBatch,
	{ step, lr }: { step: number; lr: number },
): StepOptions {
	const options = stepOptions(recipe, 'all', [batch], { step, lr });
	expectPartners(options.objective, countUnpaired(batch.packed.segments));
	return { ...options, adamW: { ...options.adamW, weightDecay: 0, maxGradNorm: 0 } };
}

/** Runs work with parameters on the device, and frees them. */
export async function withParams<T>(
	{ lora }: CheckBench,
	params: Float32Array,
	work: (binding: LoraBinding) => Promise<T>,
	strength = 1,
): Promise<T> {
	const tensor = tensor1d(params);
	try {
		return await work(bindLora(lora, tensor, strength));
	} finally {
		tensor.dispose();
	}
}
