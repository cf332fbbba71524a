/** SwiGLU composed of tfjs ops. */
import { add, concat, mul, sigmoid, sub, type Tensor2D } from '@tensorflow/tfjs-core';
import { columnsOf } from '../../host.ts';
import { axis } from '../../op.ts';

export function swigluStock(gateUp: Tensor2D): Tensor2D {
	const [gate, up] = halves(gateUp);
	return mul(mul(gate, sigmoid(gate)), up);
}

export function swigluGradStock(dy: Tensor2D, gateUp: Tensor2D): Tensor2D {
	const [gate, up] = halves(gateUp);
	const s: Tensor2D = sigmoid(gate);
	const dGate: Tensor2D = mul(mul(mul(dy, up), s), add(mul(gate, sub(1, s)), 1));
	const dUp: Tensor2D = mul(mul(dy, gate), s);
	return concat([dGate, dUp], 1);
}

function halves(gateUp: Tensor2D): [Tensor2D, Tensor2D] {
	const F = axis(gateUp, 1) / 2;
	return [columnsOf(gateUp, 0, F), columnsOf(gateUp, F, F)];
}
