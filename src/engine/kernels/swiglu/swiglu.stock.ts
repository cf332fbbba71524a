/**
 * SwiGLU on host backends: tfjs's sigmoid, and one loop over the matrices in their memory order. The sigmoid
 * of both halves costs less than a copy of one half.
 */
import { sigmoid, type Tensor2D } from '@tensorflow/tfjs-core';
import { blank, floatView } from '../../host/memory.ts';
import { axis } from '../../op.ts';

export function swigluStock(gateUp: Tensor2D): Tensor2D {
	const [T, F] = [axis(gateUp, 0), axis(gateUp, 1) / 2];
	const sigmoids = sigmoid(gateUp);
	const y = blank(T, F);
	const [x, s, out] = [floatView(gateUp), floatView(sigmoids), floatView(y)];
	for (let t = 0; t < T; t++) {
		for (let gate = 2 * t * F, to = t * F; to < (t + 1) * F; gate++, to++) {
			out[to] = (x[gate] ?? 0) * (s[gate] ?? 0) * (x[gate + F] ?? 0);
		}
	}
	return y;
}

export function swigluGradStock(dy: Tensor2D, gateUp: Tensor2D): Tensor2D {
	const [T, F] = [axis(dy, 0), axis(dy, 1)];
	const sigmoids = sigmoid(gateUp);
	const dGateUp = blank(T, 2 * F);
	const [x, s, d, out] = [floatView(gateUp), floatView(sigmoids), floatView(dy), floatView(dGateUp)];
	for (let t = 0; t < T; t++) {
		for (let gate = 2 * t * F, at = t * F; at < (t + 1) * F; gate++, at++) {
			const g = x[gate] ?? 0;
			const sg = s[gate] ?? 0;
			const change = d[at] ?? 0;
			out[gate] = change * (x[gate + F] ?? 0) * sg * (1 + g * (1 - sg));
			out[gate + F] = change * g * sg;
		}
	}
	return dGateUp;
}
