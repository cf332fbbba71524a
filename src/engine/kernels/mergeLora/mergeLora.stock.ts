/** The merge composed of tfjs ops. */
import { add, mul, type Tensor2D } from '@tensorflow/tfjs-core';
import { loraProduct } from '../linear/linear.stock.ts';
import type { LoraSlot } from '../linear/lora.ts';

export function mergeLoraStock(w: Tensor2D, lora: LoraSlot): Tensor2D {
	return add(w, mul(loraProduct(lora, w.shape), lora.scaling));
}
