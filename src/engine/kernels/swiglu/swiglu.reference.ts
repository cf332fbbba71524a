/** SwiGLU in f64, written as its formula. Rows of `gateUp` hold F gates, then F ups. */
import { at } from '#core/math/at.ts';

type Numbers = ArrayLike<number>;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** y[t,f] = silu(gate[t,f]) · up[t,f]. */
export function swigluReference(gateUp: Numbers, F: number): Float64Array {
	const y = new Float64Array(gateUp.length / 2);
	for (let i = 0; i < y.length; i++) {
		const start = Math.floor(i / F) * 2 * F + (i % F);
		const gate = at(gateUp, start);
		y[i] = gate * sigmoid(gate) * at(gateUp, start + F);
	}
	return y;
}

export function swigluGradReference(dy: Numbers, gateUp: Numbers, F: number): Float64Array {
	const d = new Float64Array(gateUp.length);
	for (let i = 0; i < dy.length; i++) {
		const start = Math.floor(i / F) * 2 * F + (i % F);
		const gate = at(gateUp, start);
		const s = sigmoid(gate);
		d[start] = at(dy, i) * at(gateUp, start + F) * s * (1 + gate * (1 - s));
		d[start + F] = at(dy, i) * gate * s;
	}
	return d;
}
