/** decodeLinear composed of the stock bodies of its parts. */
import { add, type Tensor2D } from '@tensorflow/tfjs-core';
import type { Weight } from '../../weight.ts';
import { linearStock } from '../linear/linear.stock.ts';
import { rmsNormStock } from '../rmsNorm/rmsNorm.stock.ts';
import { swigluStock } from '../swiglu/swiglu.stock.ts';
import type { DecodeLinearOptions } from './options.ts';

export function decodeLinearStock(x: Tensor2D, weight: Weight, options: DecodeLinearOptions): Tensor2D {
	const { norm, bias, residual, swiglu = false } = options;
	const normed = norm === undefined ? x : rmsNormStock(x, norm.weight, norm.eps);
	const [z = normed] = linearStock(normed, weight, { bias, residual: undefined, lora: null });
	const y = swiglu ? swigluStock(z) : z;
	return residual === undefined ? y : add(y, residual);
}
