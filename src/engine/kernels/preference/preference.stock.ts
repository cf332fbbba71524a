/** The objectives' gradient on host backends, computed by core; S is small. */
import { zeros, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { segmentGradients } from '#core/loss/batchLoss.ts';
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
	const gradients = segmentGradients(objective, step, {
		segments: readSegments(floatView(rows)),
		policy: floatView(logps),
		reference: floatView(reference),
	});
	floatView(result).set(gradients.map((gradient) => scale * gradient));
	return result;
}
