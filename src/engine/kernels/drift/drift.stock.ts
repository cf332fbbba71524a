/** The drift on host backends; S is small. */
import { zeros, type Tensor1D } from '@tensorflow/tfjs-core';
import { at } from '#core/math/at.ts';
import { floatView } from '../../host/memory.ts';

export function driftStock(policy: Tensor1D, reference: Tensor1D, before: Tensor1D, scale: number): Tensor1D {
	const sum: Tensor1D = zeros([1]);
	const of = floatView(reference);
	const ratio = floatView(policy).reduce((total, logp, s) => total + logp - at(of, s), 0);
	floatView(sum)[0] = at(floatView(before), 0) + scale * ratio;
	return sum;
}
