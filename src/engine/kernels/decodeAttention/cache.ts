import type { Tensor2D } from '@tensorflow/tfjs-core';

/** Keys (rotated) and values of several sequences, [sequences·capacity, Hkv·D] each. */
export interface KvCache {
	readonly k: Tensor2D;
	readonly v: Tensor2D;
	/** Positions per sequence. */
	readonly capacity: number;
}
