/** The objectives' gradient on host backends: core's own, over a handful of numbers. */
import { zeros, type Tensor1D } from '@tensorflow/tfjs-core';
import { objectiveOf } from '#core/loss/objectives/registry.ts';
import { floatView } from '../../host/memory.ts';
import type { PreferenceOptions } from './options.ts';

export function preferenceGradStock(
	logps: Tensor1D,
	reference: Tensor1D,
	{ objective, beta, scale, meanChosenTokens }: PreferenceOptions,
): Tensor1D {
	const result: Tensor1D = zeros(logps.shape);
	const { gradientOf } = objectiveOf(objective);
	const [policy, ref, out] = [floatView(logps), floatView(reference), floatView(result)];
	for (let i = 0; i + 2 < out.length; i += 2) {
		const { chosen, rejected } = gradientOf({
			logp_w: policy[i] ?? 0,
			logp_l: policy[i + 1] ?? 0,
			ref_w: ref[i] ?? 0,
			ref_l: ref[i + 1] ?? 0,
			len_w: meanChosenTokens,
			len_l: meanChosenTokens,
			mean_len_w: meanChosenTokens,
			beta,
		});
		out[i] = chosen * scale;
		out[i + 1] = rejected * scale;
	}
	return result;
}
