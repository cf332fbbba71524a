/** A run's device and plan, kept with the run. They are not in ports.ts, because run.ts needs them and ports.ts needs run.ts. */
import * as v from 'valibot';
import { count, listOf, measured } from '../format/schema.ts';
import { ACTIVATIONS, type Activations } from '../recipe/recipe.ts';
import { kernelReportSchema } from './kernels.ts';

/** The device of the compute worker. */
export const deviceSchema = v.object({
	backend: v.picklist(['webgpu', 'wasm', 'cpu']),
	vendor: v.string(),
	architecture: v.string(),
	description: v.string(),
	features: listOf(v.string()),
	limits: v.pipe(v.record(v.string(), v.number()), v.readonly()),
	/** Why WebGPU is not used; null if it is. */
	fallbackReason: v.nullable(v.string()),
	/** Which programs of the GPU run; absent without a GPU and in runs saved by older versions. */
	kernels: v.exactOptional(kernelReportSchema),
});
export type DeviceReport = v.InferOutput<typeof deviceSchema>;

const activations = v.picklist(ACTIVATIONS.filter((choice): choice is Activations => choice !== 'auto'));

const memoryPlan = v.object({
	activations,
	/** False if the recipe asked for it. */
	automatic: v.boolean(),
	/** What a page may take on this device, as far as the browser tells. */
	budgetBytes: measured,
	/** Peak of the same run under each choice that was looked at. */
	estimates: v.pipe(v.record(activations, measured), v.readonly()),
	/** The measured peak, once the run has ended. */
	peakBytes: v.nullable(v.number()),
});
export type MemoryPlan = v.InferOutput<typeof memoryPlan>;

/** The trainer's plan before its first step. */
export const planSchema = v.object({
	pairs: count,
	stepsPerEpoch: count,
	trainableParameters: count,
	tokensPerStep: measured,
	/** Pairs cut at maxLength, and pairs dropped because the prompt alone reaches it. */
	truncated: count,
	dropped: count,
	/** Peak of the device memory that training takes, weights included. */
	estimatedBytes: measured,
	/** Absent in runs saved by older versions. */
	memory: v.exactOptional(memoryPlan),
});
export type TrainPlan = v.InferOutput<typeof planSchema>;
