/**
 * RMSNorm and its gradient.
 *
 *   y[t,c]  = x[t,c] · w[c] · rstd[t],            rstd[t] = 1 / √(mean_c x[t,c]² + eps)
 *   dx[t,c] = rstd·(w[c]·dy[t,c] − x[t,c]·rstd²·mean_c(w·dy·x)) + residual[t,c]
 *
 * Grid: one thread a row. Traffic: forward reads x twice and writes y; backward reads x and dy twice, residual once, writes dx.
 * rstd is computed again in the backward pass: one pass over x that is in cache costs less than a buffer of its own.
 *
 * @reference rmsNorm.reference.ts (f64) · tests/gpu/rmsNorm.test.ts
 */
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { axis, defineOp, expectMultipleOf4, expectShape, output2D } from '../../op.ts';
import { recorder, type Grid } from '../../record.ts';
import { memoized, program } from '../../wgsl.ts';
import { rmsNormGradStock, rmsNormStock } from './rmsNorm.stock.ts';

const WORKGROUP = 64;

const forwardProgram = memoized(() =>
	program('rmsNorm', {
		bindings: [
			['x', 'read', 'vec4f'],
			['w', 'read', 'vec4f'],
			['y', 'write', 'vec4f'],
		],
		uniforms: [
			['rows', 'u32'],
			['quads', 'u32'],
			['eps', 'f32'],
		],
		body: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	if (id.x >= u.rows) { return; }
	let start = id.x * u.quads;
	var squares = vec4f();
	for (var k = 0u; k < u.quads; k++) { let v = x[start + k]; squares = fma(v, v, squares); }
	let rstd = inverseSqrt(dot(squares, vec4f(1.0)) / f32(4u * u.quads) + u.eps);
	for (var k = 0u; k < u.quads; k++) { y[start + k] = x[start + k] * rstd * w[k]; }
}`,
	}),
);

const backwardProgram = memoized((withResidual: boolean) =>
	program('rmsNormGrad', {
		bindings: [
			['dy', 'read', 'vec4f'],
			['x', 'read', 'vec4f'],
			['w', 'read', 'vec4f'],
			...(withResidual ? ([['residual', 'read', 'vec4f']] as const) : []),
			['dx', 'write', 'vec4f'],
		],
		uniforms: [
			['rows', 'u32'],
			['quads', 'u32'],
			['eps', 'f32'],
		],
		body: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	if (id.x >= u.rows) { return; }
	let start = id.x * u.quads;
	var squares = vec4f();
	var products = vec4f();
	for (var k = 0u; k < u.quads; k++) {
		let v = x[start + k];
		squares = fma(v, v, squares);
		products = fma(dy[start + k] * w[k], v, products);
	}
	let mean = 1.0 / f32(4u * u.quads);
	let rstd = inverseSqrt(dot(squares, vec4f(1.0)) * mean + u.eps);
	let along = dot(products, vec4f(1.0)) * mean * rstd * rstd * rstd;
	for (var k = 0u; k < u.quads; k++) {
		dx[start + k] = dy[start + k] * w[k] * rstd - x[start + k] * along${withResidual ? ' + residual[start + k]' : ''};
	}
}`,
	}),
);

export function planRmsNorm(rows: number): Grid {
	return [Math.ceil(rows / WORKGROUP)];
}

const forward = defineOp<{ x: Tensor2D; w: Tensor1D }, { eps: number }>('AnchorageRmsNorm', {
	webgpu: ({ x, w }, { eps }) => {
		const gpu = recorder();
		const [T, C] = x.shape;
		const y = gpu.allocate([T, C]);
		gpu.record(forwardProgram(), [x, w, y], [T, C / 4, eps], planRmsNorm(T));
		return [y];
	},
	stock: ({ x, w }, { eps }) => [rmsNormStock(x, w, eps)],
});

const backward = defineOp<
	{ dy: Tensor2D; x: Tensor2D; w: Tensor1D; residual: Tensor2D | undefined },
	{ eps: number }
>('AnchorageRmsNormGrad', {
	webgpu: ({ dy, x, w, residual }, { eps }) => {
		const gpu = recorder();
		const [T, C] = x.shape;
		const dx = gpu.allocate([T, C]);
		const inputs = residual === undefined ? [dy, x, w] : [dy, x, w, residual];
		gpu.record(backwardProgram(residual !== undefined), [...inputs, dx], [T, C / 4, eps], planRmsNorm(T));
		return [dx];
	},
	stock: ({ dy, x, w, residual }, { eps }) => [rmsNormGradStock(dy, x, w, eps, residual)],
});

/**
 * @param x   [T, C], C a multiple of 4
 * @param w   [C]
 * @returns   [T, C]
 * @throws    ShapeError
 */
export function rmsNorm(x: Tensor2D, w: Tensor1D, eps: number): Tensor2D {
	const C = axis(x, 1);
	expectShape('rmsNorm', 'w', w, [C]);
	expectMultipleOf4('rmsNorm', { C });
	return output2D(forward({ x, w }, { eps }), 0);
}

/**
 * Gradient of {@link rmsNorm} with respect to x; w is frozen.
 *
 * @param dy       [T, C]
 * @param residual [T, C], added to the result: the gradient that passes by the norm
 * @returns        dx [T, C]
 */
export function rmsNormGrad(
	dy: Tensor2D,
	x: Tensor2D,
	w: Tensor1D,
	eps: number,
	residual?: Tensor2D,
): Tensor2D {
	const [T, C] = x.shape;
	expectShape('rmsNormGrad', 'dy', dy, [T, C]);
	expectShape('rmsNormGrad', 'w', w, [C]);
	expectMultipleOf4('rmsNormGrad', { C });
	return output2D(backward({ dy, x, w, residual }, { eps }), 0);
}
