/**
 * The trainer's buffers on the device: parameters, their gradient and AdamW's two moments, all flat and in
 * one order.
 */
import { flush, readLater, upload } from '#engine/memory.ts';
import type { Tensor1D } from '#engine/tensor.ts';
import { ShapeError } from '#core/errors.ts';

export interface TrainBuffers {
	params: Tensor1D;
	grads: Tensor1D;
	m: Tensor1D;
	v: Tensor1D;
}

/** The part of a checkpoint that comes from the device. */
export interface OptimiserState {
	params: Float32Array;
	m: Float32Array;
	v: Float32Array;
}

/** @throws ShapeError if the three lists differ in length */
export function createBuffers({ params, m, v }: OptimiserState): TrainBuffers {
	if (m.length !== params.length || v.length !== params.length) {
		throw new ShapeError(
			`Moments of ${m.length} and ${v.length} do not belong to ${params.length} parameters.`,
			{
				code: 'optimiser-state',
			},
		);
	}
	const vector = (values: Float32Array): Tensor1D => upload(values, [values.length]) as Tensor1D;
	return {
		params: vector(params),
		grads: vector(new Float32Array(params.length)),
		m: vector(m),
		v: vector(v),
	};
}

/** A copy of the current parameters and moments. */
export async function readBuffers(buffers: TrainBuffers): Promise<OptimiserState> {
	const reading = Promise.all([readLater(buffers.params), readLater(buffers.m), readLater(buffers.v)]);
	flush();
	const [params, m, v] = await reading;
	return { params, m, v };
}

export function disposeBuffers({ params, grads, m, v }: TrainBuffers): void {
	for (const tensor of [params, grads, m, v]) tensor.dispose();
}
