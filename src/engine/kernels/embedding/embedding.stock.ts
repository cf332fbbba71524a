/** Embedding by tfjs's gather. */
import { gather, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';

export function embeddingStock(table: Tensor2D, ids: Tensor1D): Tensor2D {
	return gather(table, ids);
}
