/**
 * SwiGLU and its gradient, on the fused projection [gate | up].
 *
 *   y = gate · σ(gate) · up
 *   dgate = dy · up · σ(gate) · (1 + gate·(1 − σ(gate))),   dup = dy · gate · σ(gate)
 *
 * Grid: one thread per four channels; x runs over the quads of a row, y over rows. Traffic: forward 3F floats
 * per row, backward 5F. σ(gate) = 1/(1 + e^−gate) is correct at both ends: e^−gate overflows to ∞ and gives
 * 0.
 *
 * @reference swiglu.reference.ts (f64) · tests/gpu/swiglu.test.ts
 */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { axis, defineOp, expectMultipleOf4, expectShape, output2D } from '../../op.ts';
import { recorder, type Grid } from '../../gpu/record.ts';
import { memoized, program } from '../../gpu/wgsl.ts';
import { swigluGradStock, swigluStock } from './swiglu.stock.ts';

const WORKGROUP = 64;
/** Rows are on the grid's y axis, which allows 65,535 workgroups. */
const INDEX = /* wgsl */ `
	let row = id.y;
	let k = id.x;
	if (k >= u.quads) { return; }
	let gateAt = row * 2u * u.quads + k;
	let upAt = gateAt + u.quads;`;

const forwardProgram = memoized(() =>
	program('swiglu', {
		bindings: [
			['gateUp', 'read', 'vec4f'],
			['y', 'write', 'vec4f'],
		],
		uniforms: [['quads', 'u32']],
		body: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {${INDEX}
	let gate = gateUp[gateAt];
	y[row * u.quads + k] = gate / (1.0 + exp(-gate)) * gateUp[upAt];
}`,
	}),
);

const backwardProgram = memoized(() =>
	program('swigluGrad', {
		bindings: [
			['dy', 'read', 'vec4f'],
			['gateUp', 'read', 'vec4f'],
			['dGateUp', 'write', 'vec4f'],
		],
		uniforms: [['quads', 'u32']],
		body: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {${INDEX}
	let gate = gateUp[gateAt];
	let s = 1.0 / (1.0 + exp(-gate));
	let d = dy[row * u.quads + k];
	dGateUp[gateAt] = d * gateUp[upAt] * s * (1.0 + gate * (1.0 - s));
	dGateUp[upAt] = d * gate * s;
}`,
	}),
);

export function planSwiglu(rows: number, channels: number): Grid {
	return [Math.ceil(channels / 4 / WORKGROUP), rows];
}

const forward = defineOp<{ gateUp: Tensor2D }, object>('AnchorageSwiglu', {
	webgpu: ({ gateUp }) => {
		const gpu = recorder();
		const [T, twoF] = gateUp.shape;
		const y = gpu.allocate([T, twoF / 2]);
		gpu.record(forwardProgram(), [gateUp, y], [twoF / 8], planSwiglu(T, twoF / 2));
		return [y];
	},
	stock: ({ gateUp }) => [swigluStock(gateUp)],
});

const backward = defineOp<{ dy: Tensor2D; gateUp: Tensor2D }, object>('AnchorageSwigluGrad', {
	webgpu: ({ dy, gateUp }) => {
		const gpu = recorder();
		const [T, twoF] = gateUp.shape;
		const dGateUp = gpu.allocate([T, twoF]);
		gpu.record(backwardProgram(), [dy, gateUp, dGateUp], [twoF / 8], planSwiglu(T, twoF / 2));
		return [dGateUp];
	},
	stock: ({ dy, gateUp }) => [swigluGradStock(dy, gateUp)],
});

/**
 * @param gateUp [T, 2F]: F gates, then F ups; F a multiple of 4
 * @returns      [T, F]
 * @throws       ShapeError
 */
export function swiglu(gateUp: Tensor2D): Tensor2D {
	expectMultipleOf4('swiglu', { F: axis(gateUp, 1) / 2 });
	return output2D(forward({ gateUp }, {}), 0);
}

/**
 * @param dy     [T, F]
 * @param gateUp [T, 2F], the input of {@link swiglu}
 * @returns      dGateUp [T, 2F]
 */
export function swigluGrad(dy: Tensor2D, gateUp: Tensor2D): Tensor2D {
	const F = axis(gateUp, 1) / 2;
	expectMultipleOf4('swigluGrad', { F });
	expectShape('swigluGrad', 'dy', dy, [axis(gateUp, 0), F]);
	return output2D(backward({ dy, gateUp }, {}), 0);
}
