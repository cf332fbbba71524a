/**
 * Estimates a run's device memory before it starts.
 *
 * On webgpu it rehearses the passes: the same code on imaginary buffers, with the pool's own rules, so that
 * the estimate follows every change of the kernels. Covered: weights, parameters with gradient and moments,
 * the reference pass, steps, the read-back of a checkpoint, and answers to held-out prompts between steps.
 * Not covered: the user's requests to the model meanwhile (chat, side by side).
 */
import { compileAhead, rehearse, upload } from '#engine/memory.ts';
import type { Tensor1D } from '#engine/tensor.ts';
import type { TokenizedExample } from '#core/batch/tokenize.ts';
import { stepBytes } from '#core/model/memory.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { Decoder } from '#model/decoder.ts';
import { rehearseBatch, type GenerateRow } from '#model/generate.ts';
import { bindLora, deviceLora, type DeviceLora } from '#model/lora.ts';
import { createBuffers, disposeBuffers, readBuffers, type TrainBuffers } from './buffers.ts';
import { packForStep } from './pack.ts';
import { StepRunner } from './step.ts';
import { REHEARSED_STEP, rehearsedMicroBatches, stepOptions, type Kept } from './stepOptions.ts';

/** Examples that are packed together. */
export type Batch = readonly TokenizedExample[];

/** Tokens per side of the made-up pair: many rows, as in real pairs. */
const MADE_UP_TOKENS = 32;

export interface EstimateRequest {
	model: Decoder;
	lora: DeviceLora;
	recipe: Recipe;
	/** Micro-batches of the sizes that occur, the largest first; and those of the reference pass. */
	batches: readonly Batch[];
	referenceBatches: readonly Batch[];
	/** Batches of held-out prompts that are answered between steps. */
	answers: readonly (readonly GenerateRow[])[];
	keep: Kept;
}

/** @returns peak bytes; checked against the pool's own count in tests/gpu/memory.test.ts */
export async function estimateBytes(request: EstimateRequest): Promise<number> {
	const rehearsal = await rehearse(() => rehearseRun(request));
	return request.model.bytes + (rehearsal?.bytes ?? hostBytes(request));
}

/**
 * Compiles the programs of a recipe's run before its pairs exist, with a made-up pair. Computes nothing and
 * takes no memory.
 *
 * @throws DeviceError `shader-compilation`
 */
export async function compileRun(model: Decoder, recipe: Recipe): Promise<void> {
	const lora = deviceLora(model.config, recipe.lora);
	const ids = Array.from({ length: MADE_UP_TOKENS }, () => 0);
	const sides = { promptIds: ids, chosenIds: ids, rejectedIds: ids };
	const batch = [{ id: 'made-up', ...sides, truncated: false }];
	await compileAhead(() => {
		rehearseRun({ model, lora, recipe, batches: [batch], referenceBatches: [], answers: [], keep: 'all' });
	});
}

/** Rehearses a whole run, once per size, in the trainer's order. */
function rehearseRun(request: EstimateRequest): void {
	const { model, lora, recipe, batches, referenceBatches, keep } = request;
	const runner = new StepRunner(model);
	const buffers = emptyBuffers(lora.layout.size);
	const binding = bindLora(lora, buffers.params);
	const step = (batch: Batch): void => {
		const microBatches = rehearsedMicroBatches(recipe, packForStep(batch));
		const options = stepOptions(recipe, keep, microBatches, REHEARSED_STEP);
		runner.step(buffers, binding, microBatches, options).catch(() => undefined);
	};
	const largest = batches[0];
	// The trainer compiles with the largest batch.
	if (largest !== undefined) step(largest);
	for (const batch of referenceBatches) runner.logps(packForStep(batch), null).catch(() => undefined);
	for (const batch of batches) step(batch);
	readBuffers(buffers).catch(() => undefined);
	if (request.answers.length > 0) rehearseAnswers(request);
	disposeBuffers(buffers);
}

/** Answers use a copy of the adapter in training. */
function rehearseAnswers({ model, lora, answers }: EstimateRequest): void {
	const params = upload(new Float32Array(lora.layout.size), [lora.layout.size]) as Tensor1D;
	for (const rows of answers) rehearseBatch(model, bindLora(lora, params), rows);
	params.dispose();
}

function emptyBuffers(size: number): TrainBuffers {
	const zeros = new Float32Array(size);
	return createBuffers({ params: zeros, m: zeros, v: zeros });
}

/**
 * Estimates from shapes for host backends, on which a rehearsal would compute. tfjs counts no peak there, so no test
 * checks this figure.
 */
function hostBytes({ model, lora, recipe, batches, keep }: EstimateRequest): number {
	const largest = batches[0];
	const rows = largest === undefined ? 0 : packForStep(largest).ids.length;
	return stepBytes(model.padded, {
		rows,
		loraSize: lora.layout.size,
		rank: recipe.lora.rank,
		kept: keep,
	});
}
