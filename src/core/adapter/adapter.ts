/** Adapter: trained LoRA matrices and their configuration, in PEFT's names and orientation. */
import type { TargetModule } from '../recipe/recipe.ts';

export interface LoraConfig {
	/** PEFT's `r`. */
	rank: number;
	/** PEFT's `lora_alpha`. */
	alpha: number;
	targetModules: readonly TargetModule[];
}

/** scaling = alpha / rank, the factor of B·A. */
export function scalingOf(config: Pick<LoraConfig, 'rank' | 'alpha'>): number {
	return config.alpha / config.rank;
}

export interface LoraMatrices {
	layer: number;
	module: TargetModule;
	/** [rank, in], row-major. */
	loraA: Float32Array;
	/** [out, rank], row-major. */
	loraB: Float32Array;
	inFeatures: number;
	outFeatures: number;
}

export interface Adapter {
	/** Unique within a run: `step-40`. */
	id: string;
	/** Optimiser steps behind this state; 0 is the untrained adapter. */
	step: number;
	config: LoraConfig;
	matrices: readonly LoraMatrices[];
}
