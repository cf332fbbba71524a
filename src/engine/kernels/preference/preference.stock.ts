/** The objectives' gradient on host backends: core's closed forms over a handful of numbers. */
import { zeros, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { examplesOf } from '#core/batch/segments.ts';
import { exampleGradient, exampleValues } from '#core/loss/example.ts';
import { floatView } from '../../host/memory.ts';
import type { PreferenceOptions } from './options.ts';
import { readSegments } from './segments.ts';

export function preferenceGradStock(
	logps: Tensor1D,
	reference: Tensor1D,
	rows: Tensor2D,
	{ objective, step, scale }: PreferenceOptions,
): Tensor1D {
	const result: Tensor1D = zeros(logps.shape);
	const [policy, ref, out] = [floatView(logps), floatView(reference), floatView(result)];
	const segments = readSegments(floatView(rows));
	for (const example of examplesOf(segments)) {
		const values = exampleValues(segments, policy, ref, example);
		const { chosen, rejected } = exampleGradient(objective, step, values);
		if (example.chosen !== null) out[example.chosen] = scale * chosen;
		if (example.rejected !== null) out[example.rejected] = scale * rejected;
	}
	return result;
}
