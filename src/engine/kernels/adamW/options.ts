/** Options of torch's AdamW, with clipping by the global norm. */
export interface AdamWOptions {
	readonly lr: number;
	readonly beta1: number;
	readonly beta2: number;
	readonly eps: number;
	readonly weightDecay: number;
	/** Counted from 1. */
	readonly step: number;
	/** 0: no clipping. */
	readonly maxGradNorm: number;
}
