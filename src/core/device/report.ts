/** What a run ran on and what it planned: facts kept with it, apart from the ports so that neither file needs the other. */
import type { Activations } from '../recipe/recipe.ts';

import type { KernelReport } from './kernels.ts';

/** What the compute worker runs on. */
export interface DeviceReport {
	backend: 'webgpu' | 'wasm' | 'cpu';
	vendor: string;
	architecture: string;
	description: string;
	features: readonly string[];
	limits: Readonly<Record<string, number>>;
	/** Why WebGPU is not used, where it is not. */
	fallbackReason: string | null;
	/** Which programs of the GPU run; absent where none does, and in runs of before there was a choice. */
	kernels?: KernelReport;
}

/** What the trainer asks before it starts, and what it found. */
export interface TrainPlan {
	pairs: number;
	stepsPerEpoch: number;
	trainableParameters: number;
	tokensPerStep: number;
	/** Pairs cut at maxLength, and pairs dropped because the prompt alone reaches it. */
	truncated: number;
	dropped: number;
	/** Peak of the device memory that training takes, weights included. */
	estimatedBytes: number;
	/** Runs stored by older versions have none. */
	memory?: MemoryPlan;
}

export interface MemoryPlan {
	activations: Activations;
	/** False where the recipe asked for it. */
	automatic: boolean;
	/** What a page may take on this device, as far as the browser tells. */
	budgetBytes: number;
	/** Of the same run under each choice that was looked at. */
	estimates: Readonly<Partial<Record<Activations, number>>>;
	/** What was taken, once the run has ended. */
	peakBytes: number | null;
}
