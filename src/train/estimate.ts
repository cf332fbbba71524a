/**
 * Device memory of a run before it starts.
 *
 * On webgpu the passes themselves are rehearsed: the same code, on buffers that exist in name only, with the pool's own rules. So
 * the estimate follows every change of the kernels. Covered: weights, parameters with gradient and moments, the reference pass,
 * steps, the read-back of a checkpoint, and answers to held-out prompts between steps. Not covered: what a person asks of the
 * model meanwhile (chat, side by side).
 */
import { compileAhead, rehearse, upload } from '#engine/memory.ts';
import type { Tensor1D } from '#engine/tensor.ts';
import type { PackedBatch } from '#core/batch/pack.ts';
import type { TokenizedExample } from '#core/batch/tokenize.ts';
import type { ModelConfig } from '#core/model/model.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { Decoder } from '#model/decoder.ts';
import { rehearseBatch, type GenerateRow } from '#model/generate.ts';
import { bindLora, deviceLora, type DeviceLora } from '#model/lora.ts';
import { createBuffers, disposeBuffers, readBuffers, type TrainBuffers } from './buffers.ts';
import { packForStep } from './pack.ts';
import { objectiveOf } from '#core/loss/objectives/registry.ts';
import { stepValues } from './values.ts';
import { StepRunner, type MicroBatch, type StepOptions } from './step.ts';

export type Kept = StepOptions['keep'];

/** Some examples that are packed together. */
export type Batch = readonly TokenizedExample[];

/** A side of the pair that programs are compiled with: many rows, as real ones have. */
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
 * Begins to compile what a run of a recipe will use before its pairs are there, on one that is made up, and waits for it. Nothing
 * is computed, and no memory taken.
 *
 * @throws DeviceError `shader-compilation`
 */
export async function compileRun(model: Decoder, recipe: Recipe): Promise<void> {
	const lora = deviceLora(model.config, recipe.lora);
	const ids = Array.from({ length: MADE_UP_TOKENS }, () => 0);
	const sides = { promptIds: ids, chosenIds: ids, rejectedIds: ids };
	const batch = [{ id: 'made-up', ...sides, mergedPromptTokens: 0, truncated: false }];
	await compileAhead(() => {
		rehearseRun({ model, lora, recipe, batches: [batch], referenceBatches: [], answers: [], keep: 'all' });
	});
}

/** Everything that a run does, once for each size, in the trainer's order. */
function rehearseRun(request: EstimateRequest): void {
	const { model, lora, recipe, batches, referenceBatches, keep } = request;
	const { accumulationSteps } = recipe.training;
	const runner = new StepRunner(model);
	const buffers = emptyBuffers(lora.layout.size);
	const binding = bindLora(lora, buffers.params);
	const step = (batch: Batch): void => {
		const micro = microBatch(packForStep(batch));
		const all = Array.from({ length: accumulationSteps }, () => micro);
		runner.step(buffers, binding, all, rehearsalOptions(recipe, keep, all)).catch(() => undefined);
	};
	const largest = batches[0];
	// The trainer compiles with the largest.
	if (largest !== undefined) step(largest);
	for (const batch of referenceBatches) runner.logps(packForStep(batch), null).catch(() => undefined);
	for (const batch of batches) step(batch);
	readBuffers(buffers).catch(() => undefined);
	if (request.answers.length > 0) rehearseAnswers(request);
	disposeBuffers(buffers);
}

/** The adapter that answers is a copy of the one that trains. */
function rehearseAnswers({ model, lora, answers }: EstimateRequest): void {
	const params = upload(new Float32Array(lora.layout.size), [lora.layout.size]) as Tensor1D;
	for (const rows of answers) rehearseBatch(model, bindLora(lora, params), rows);
	params.dispose();
}

function emptyBuffers(size: number): TrainBuffers {
	const zeros = new Float32Array(size);
	return createBuffers({ params: zeros, m: zeros, v: zeros });
}

function microBatch(packed: PackedBatch): MicroBatch {
	return { packed, reference: new Float32Array(packed.segments.count) };
}

function rehearsalOptions(recipe: Recipe, keep: Kept, microBatches: readonly MicroBatch[]): StepOptions {
	const { beta1, beta2, epsilon: eps, weightDecay, maxGradNorm } = recipe.optimiser;
	const adamW = { lr: 0, beta1, beta2, eps, weightDecay, step: 1, maxGradNorm };
	const objective = objectiveOf(recipe.objective.id);
	return { objective, values: stepValues(recipe.objective, microBatches), keep, adamW };
}

/**
 * The same from shapes, for host backends, where a rehearsal would compute: what is live at once, without what the allocator
 * adds. tfjs counts no peak there, so this figure is not checked.
 */
function hostBytes({ model, lora, batches, keep }: EstimateRequest): number {
	const largest = batches[0];
	const rows = largest === undefined ? 0 : packForStep(largest).ids.length;
	const { layers, hiddenSize: C, intermediateSize: F } = model.config;
	const block = keptFloats(model.config, 'all');
	const kept = layers * keptFloats(model.config, keep) + (keep === 'inputs' ? block : 0);
	// Block inputs, the gradient on its way down, and the widest temporaries.
	const floats = rows * (kept + (layers + 3) * C + 4 * F);
	return 4 * (floats + 4 * lora.layout.size);
}

/** Floats a row that one block keeps, its input and LoRA's narrow products left out; see decoder.ts. */
function keptFloats(
	{ hiddenSize: C, intermediateSize: F, heads, kvHeads, headDim }: ModelConfig,
	keep: Kept,
): number {
	if (keep === 'inputs') return 0;
	const attention = 2 * (heads + kvHeads) * headDim + 2 * heads;
	return attention + C + 2 * F + (keep === 'all' ? 2 * C + F : 0);
}
