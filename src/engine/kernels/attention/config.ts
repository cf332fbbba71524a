/** Sizes and RoPE table, shared by attention's wrapper, programs and stock body. */
import type { Tensor2D } from '@tensorflow/tfjs-core';

export interface AttentionConfig {
	readonly heads: number;
	/** Divides heads. */
	readonly kvHeads: number;
	/** D, a multiple of 8, because programs read four channels of each half at once. */
	readonly headSize: number;
	/** Factor of q·k: 1/√D of the model's own heads, which may be narrower than the padded D. */
	readonly scale: number;
	/** [P, D] from ropeTable(); every position must be below P. */
	readonly rope: Tensor2D;
}
