/** The objectives' gradient on host backends: core's closed forms over a handful of numbers. */
import { zeros, type Tensor1D } from '@tensorflow/tfjs-core';
import { objectiveOf, PLANE } from '#core/loss/objectives.ts';
import { floatView } from '../../host/memory.ts';
import type { PreferenceOptions } from './options.ts';

export function preferenceGradStock(
	logps: Tensor1D,
	reference: Tensor1D,
	{ objective, beta, scale }: PreferenceOptions,
): Tensor1D {
	const result: Tensor1D = zeros(logps.shape);
	const record = objectiveOf(objective);
	const [policy, ref, out] = [floatView(logps), floatView(reference), floatView(result)];
	const reward = (i: number): number => beta * ((policy[i] ?? 0) - (ref[i] ?? 0));
	for (let i = 0; i + 2 < out.length; i += 2) {
		const { chosen, rejected } = record.gradient(reward(i), reward(i + 1), { ...PLANE, beta });
		out[i] = beta * chosen * scale;
		out[i + 1] = beta * rejected * scale;
	}
	return result;
}
