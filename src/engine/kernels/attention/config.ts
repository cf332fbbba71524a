/** Sizes and RoPE table, shared by attention's wrapper, programs and stock body. */
import type { Tensor2D } from '@tensorflow/tfjs-core';

export interface AttentionConfig {
	readonly heads: number;
	/** Divides heads. */
	readonly kvHeads: number;
	/** D, even; multiples of 8 are faster on a GPU (headPadding.ts). */
	readonly headSize: number;
	/** [P, D] from ropeTable(); every position must be below P. */
	readonly rope: Tensor2D;
}
