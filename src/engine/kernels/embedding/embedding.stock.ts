/** Embedding on host backends. */
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { intView, rowsOf } from '../../host/memory.ts';

export function embeddingStock(table: Tensor2D, ids: Tensor1D): Tensor2D {
	return rowsOf(table, intView(ids));
}
