/**
 * AdamW over one flat buffer, in place, with the global gradient norm computed on the GPU.
 *
 *   normSq = Σ g²;  g ← g · min(1, maxGradNorm / (√normSq + 1e-6))
 *   p ← p·(1 − lr·wd);  m ← β1·m + (1−β1)·g;  v ← β2·v + (1−β2)·g²
 *   p ← p − lr · (m / (1−β1ᵗ)) / (√(v / (1−β2ᵗ)) + eps)
 *
 * Three dispatches: strided partial sums, 1,024 for a small adapter and up to 16,384 for a large one; their
 * sum, by one workgroup; the update, one thread per four parameters. Traffic: g twice; p, m, v read and
 * written once. The order of summation is fixed, so a run repeats bit for bit.
 *
 * @source    torch.optim.AdamW and torch.nn.utils.clip_grad_norm_
 * @reference adamW.reference.ts (f64) · tests/gpu/adamW.test.ts
 */
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { axis, defineOp, expectMultipleOf4, expectShape, output1D } from '../../op.ts';
import { recorder, type Grid } from '../../gpu/record.ts';
import { slicesMain, slicesMemory, sumOverSlices, type Slices } from '../../gpu/slices.ts';
import { memoized, program } from '../../gpu/wgsl.ts';
import { adamWStock } from './adamW.stock.ts';
import type { AdamWOptions } from './options.ts';

export type { AdamWOptions } from './options.ts';

const WORKGROUP = 64;
const LEAST_PARTIALS = 1024;
const MOST_PARTIALS = 16_384;
/** Quads per partial sum, if the count stays between LEAST_PARTIALS and MOST_PARTIALS. */
const QUADS_A_PARTIAL = 32;
const SLICES: Slices = { slices: WORKGROUP, across: 1 };
/** Quads along x of the grid, which allows 65,535 workgroups; further quads use its y axis. */
const ROW = 2 ** 15 * WORKGROUP;

const partialProgram = memoized(() =>
	program('gradNormPartial', {
		bindings: [
			['grads', 'read', 'vec4f'],
			['partials', 'write', 'f32'],
		],
		uniforms: [
			['quads', 'u32'],
			['partials', 'u32'],
		],
		body: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	var squares = vec4f();
	for (var i = id.x; i < u.quads; i += u.partials) { let g = grads[i]; squares = fma(g, g, squares); }
	partials[id.x] = dot(squares, vec4f(1.0));
}`,
	}),
);

const totalProgram = memoized(() =>
	program('gradNorm', {
		bindings: [
			['partials', 'read', 'vec4f'],
			['normSq', 'write', 'f32'],
		],
		uniforms: [['quads', 'u32']],
		body: /* wgsl */ `
${slicesMemory(SLICES, 1)}
${slicesMain(SLICES)}
	var sums = vec4f();
	for (var i = slice; i < u.quads; i += ${SLICES.slices}u) { sums += partials[i]; }
	${sumOverSlices(SLICES, ['sums'])}
	if (slice == 0u) { normSq[0] = dot(sums, vec4f(1.0)); }
}`,
	}),
);

const updateProgram = memoized(() =>
	program('adamW', {
		volatile: true,
		bindings: [
			['params', 'write', 'vec4f'],
			['grads', 'read', 'vec4f'],
			['ms', 'write', 'vec4f'],
			['vs', 'write', 'vec4f'],
			['normSq', 'read', 'f32'],
		],
		uniforms: [
			['quads', 'u32'],
			['decay', 'f32'],
			['beta1', 'f32'],
			['rest1', 'f32'],
			['beta2', 'f32'],
			['rest2', 'f32'],
			['stepSize', 'f32'],
			['correction2', 'f32'],
			['eps', 'f32'],
			['maxGradNorm', 'f32'],
		],
		body: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	let i = id.y * ${ROW}u + id.x;
	if (i >= u.quads) { return; }
	var clip = 1.0;
	if (u.maxGradNorm > 0.0) { clip = min(1.0, u.maxGradNorm / (sqrt(normSq[0]) + 1e-6)); }
	let g = grads[i] * clip;
	let m = u.beta1 * ms[i] + u.rest1 * g;
	let v = u.beta2 * vs[i] + u.rest2 * g * g;
	ms[i] = m;
	vs[i] = v;
	params[i] = params[i] * u.decay - u.stepSize * m / (sqrt(v * u.correction2) + u.eps);
}`,
	}),
);

function planPartials(quads: number): number {
	const wanted = 2 ** Math.ceil(Math.log2(quads / QUADS_A_PARTIAL));
	return Math.min(MOST_PARTIALS, Math.max(LEAST_PARTIALS, wanted));
}

export function planAdamW(parameters: number): Grid {
	const quads = parameters / 4;
	return [Math.ceil(Math.min(quads, ROW) / WORKGROUP), Math.ceil(quads / ROW)];
}

interface AdamWTensors extends Record<string, Tensor1D> {
	params: Tensor1D;
	grads: Tensor1D;
	m: Tensor1D;
	v: Tensor1D;
}

const op = defineOp<AdamWTensors, AdamWOptions>('AnchorageAdamW', {
	webgpu: ({ params, grads, m, v }, options) => {
		const gpu = recorder();
		const P = axis(params, 0);
		const { lr, beta1, beta2, step } = options;
		const count = planPartials(P / 4);
		const partials = gpu.allocate([count]);
		const normSq = gpu.allocate([1]);
		gpu.record(partialProgram(), [grads, partials], [P / 4, count], [count / WORKGROUP]);
		gpu.record(totalProgram(), [partials, normSq], [count / 4], [1]);
		gpu.free(partials);
		const uniforms = [
			P / 4,
			1 - lr * options.weightDecay,
			beta1,
			1 - beta1,
			beta2,
			1 - beta2,
			lr / (1 - beta1 ** step),
			1 / (1 - beta2 ** step),
			options.eps,
			options.maxGradNorm,
		];
		gpu.record(updateProgram(), [params, grads, m, v, normSq], uniforms, planAdamW(P));
		return [normSq];
	},
	stock: (tensors, options) => [adamWStock(tensors, options)],
});

/**
 * One update of all parameters, in place; grads are not changed (clear them before the next step).
 *
 * @param tensors [P] each, P a multiple of 4
 * @returns normSq [1]: squared L2 norm of grads before clipping
 */
export function adamW(
	tensors: { params: Tensor1D; grads: Tensor1D; m: Tensor1D; v: Tensor1D },
	options: AdamWOptions,
): Tensor1D {
	const { params, grads, m, v } = tensors;
	const P = axis(params, 0);
	expectMultipleOf4('adamW', { P });
	for (const [name, tensor] of Object.entries({ grads, m, v })) expectShape('adamW', name, tensor, [P]);
	return output1D(op({ params, grads, m, v }, options), 0);
}
