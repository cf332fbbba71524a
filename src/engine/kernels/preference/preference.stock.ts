/** The objectives' gradient on host backends, computed by core; S is small. */
import { zeros, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { segmentGradients } from '#core/loss/batchLoss.ts';
import { at } from '#core/math/at.ts';
import { floatView } from '../../host/memory.ts';
import type { PreferenceOptions } from './options.ts';
import { readSegments } from './segments.ts';

/** [S] log-probabilities, the table [S, 4], and the drift [1] if the objective reads it. */
export type PreferenceInputs = Record<'logps' | 'reference', Tensor1D> & { rows: Tensor2D; drift?: Tensor1D };

export function preferenceGradStock(
	{ logps, reference, rows, drift }: PreferenceInputs,
	{ objective, step, scale }: PreferenceOptions,
): Tensor1D {
	const result: Tensor1D = zeros(logps.shape);
	const kl = drift === undefined ? {} : { kl: Math.max(0, at(floatView(drift), 0)) };
	const gradients = segmentGradients(
		objective,
		{ ...step, ...kl },
		{
			segments: readSegments(floatView(rows)),
			policy: floatView(logps),
			reference: floatView(reference),
		},
	);
	floatView(result).set(gradients.map((gradient) => scale * gradient));
	return result;
}
