/** AdamW on host backends: one loop over the flat buffers, in place. */
import { tensor1d, type Tensor1D } from '@tensorflow/tfjs-core';
import { floatView } from '../../host/memory.ts';
import type { AdamWOptions } from './options.ts';

export function adamWStock(
	tensors: { params: Tensor1D; grads: Tensor1D; m: Tensor1D; v: Tensor1D },
	options: AdamWOptions,
): Tensor1D {
	const { lr, beta1, beta2, eps, weightDecay, step, maxGradNorm } = options;
	let normSq = 0;
	for (const g of floatView(tensors.grads)) normSq += g * g;
	const result = tensor1d([normSq]);
	const [params, grads] = [floatView(tensors.params), floatView(tensors.grads)];
	const [ms, vs] = [floatView(tensors.m), floatView(tensors.v)];
	const clip = maxGradNorm > 0 ? Math.min(1, maxGradNorm / (Math.sqrt(normSq) + 1e-6)) : 1;
	const [correction1, correction2] = [1 - beta1 ** step, 1 - beta2 ** step];
	for (let i = 0; i < params.length; i++) {
		const g = (grads[i] ?? 0) * clip;
		const m = beta1 * (ms[i] ?? 0) + (1 - beta1) * g;
		const v = beta2 * (vs[i] ?? 0) + (1 - beta2) * g * g;
		ms[i] = m;
		vs[i] = v;
		const update = m / correction1 / (Math.sqrt(v / correction2) + eps);
		params[i] = (params[i] ?? 0) * (1 - lr * weightDecay) - lr * update;
	}
	return result;
}
