/**
 * The device and training plan of a run. In their own file because ports.ts imports run.ts, which uses them.
 */
import * as v from 'valibot';
import { rowFaultSchema } from '../batch/rowFaults.ts';
import { count, listOf, measured } from '../format/schema.ts';
import { ACTIVATIONS, type Activations } from '../recipe/recipe.ts';
import { kernelReportSchema } from './kernels.ts';

/** Device of the compute worker. */
export const deviceSchema = v.object({
	backend: v.picklist(['webgpu', 'wasm', 'cpu']),
	vendor: v.string(),
	architecture: v.string(),
	description: v.string(),
	features: listOf(v.string()),
	limits: v.pipe(v.record(v.string(), v.number()), v.readonly()),
	/** Why WebGPU is not used; null if it is. */
	fallbackReason: v.nullable(v.string()),
	/** WGSL programs in use; absent without a GPU and in runs saved by older versions. */
	kernels: v.exactOptional(kernelReportSchema),
	/** Bytes that the page may take on this device, as far as the browser says; absent in runs saved by older versions. */
	budgetBytes: v.exactOptional(measured),
});
export type DeviceReport = v.InferOutput<typeof deviceSchema>;

const activations = v.picklist(ACTIVATIONS.filter((choice): choice is Activations => choice !== 'auto'));

const memoryPlan = v.object({
	activations,
	/** False if the recipe names the choice. */
	automatic: v.boolean(),
	/** Memory limit for a page on this device, as far as the browser reports it. */
	budgetBytes: measured,
	/** Estimated peak of this run for each choice that was considered, in bytes. */
	estimates: v.pipe(v.record(activations, measured), v.readonly()),
	/** Measured peak; null until the run ends. */
	peakBytes: v.nullable(v.number()),
});
export type MemoryPlan = v.InferOutput<typeof memoryPlan>;

/** The trainer's plan before the first step. */
export const planSchema = v.object({
	pairs: count,
	stepsPerEpoch: count,
	trainableParameters: count,
	tokensPerStep: measured,
	/** Pairs cut at maxLength, and pairs left out. */
	truncated: count,
	dropped: count,
	/** The pairs left out, each with its reason; absent in runs saved by older versions. */
	leftOut: v.exactOptional(listOf(rowFaultSchema)),
	/**
	 * Predicted tokens of the chosen and the rejected answers, one each per pair that is trained on, in order; absent for unpaired
	 * rows and in runs saved by older versions.
	 */
	completionTokens: v.exactOptional(v.object({ chosen: listOf(count), rejected: listOf(count) })),
	/** Estimated peak of device memory during training, weights included. */
	estimatedBytes: measured,
	/** Absent in runs saved by older versions. */
	memory: v.exactOptional(memoryPlan),
});
export type TrainPlan = v.InferOutput<typeof planSchema>;
