/** Device and training plan of a run. In their own file because ports.ts imports run.ts, which uses them. */
import type { Activations } from '../recipe/recipe.ts';

import type { KernelReport } from './kernels.ts';

/** Device of the compute worker. */
export interface DeviceReport {
	backend: 'webgpu' | 'wasm' | 'cpu';
	vendor: string;
	architecture: string;
	description: string;
	features: readonly string[];
	limits: Readonly<Record<string, number>>;
	/** Why WebGPU is not used; null if it is. */
	fallbackReason: string | null;
	/** WGSL programs in use; absent without a GPU and in runs saved by older versions. */
	kernels?: KernelReport;
}

/** The trainer's plan before the first step. */
export interface TrainPlan {
	pairs: number;
	stepsPerEpoch: number;
	trainableParameters: number;
	tokensPerStep: number;
	/** Pairs cut at maxLength, and pairs dropped because their prompt alone reaches maxLength. */
	truncated: number;
	dropped: number;
	/** Estimated peak of device memory during training, weights included. */
	estimatedBytes: number;
	/** Absent in runs saved by older versions. */
	memory?: MemoryPlan;
}

export interface MemoryPlan {
	activations: Activations;
	/** False if the recipe names the choice. */
	automatic: boolean;
	/** Memory limit for a page on this device, as far as the browser reports it. */
	budgetBytes: number;
	/** Estimated peak of this run for each choice that was considered, in bytes. */
	estimates: Readonly<Partial<Record<Activations, number>>>;
	/** Measured peak; null until the run ends. */
	peakBytes: number | null;
}
