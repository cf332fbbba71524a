/** Sums by segment on host backends: loops, since tfjs's wasm has no unsorted segment sum. */
import { zeros, type Tensor1D } from '@tensorflow/tfjs-core';
import { floatView, intView } from '../../host/memory.ts';

export function segmentSumStock(values: Tensor1D, segment: Tensor1D, count: number): Tensor1D {
	const sums: Tensor1D = zeros([count]);
	const out = floatView(sums);
	const of = intView(segment);
	floatView(values).forEach((value, n) => {
		const s = of[n] ?? -1;
		if (s >= 0 && s < count) out[s] = (out[s] ?? 0) + value;
	});
	return sums;
}

export function segmentGatherStock(dsums: Tensor1D, segment: Tensor1D): Tensor1D {
	const dvalues: Tensor1D = zeros(segment.shape);
	const out = floatView(dvalues);
	const from = floatView(dsums);
	intView(segment).forEach((s, n) => {
		out[n] = s < 0 ? 0 : (from[s] ?? 0);
	});
	return dvalues;
}
