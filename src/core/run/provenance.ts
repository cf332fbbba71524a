/** What a run ran on and what it planned: facts kept with it, apart from the ports so that neither file needs the other. */

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
	estimatedBytes: number;
}
