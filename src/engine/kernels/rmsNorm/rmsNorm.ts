/**
 * RMSNorm and its gradient.
 *
 *   y[t,c]  = x[t,c] · w[c] · rstd[t],            rstd[t] = 1 / √(mean_c x[t,c]² + eps)
 *   dx[t,c] = rstd·(w[c]·dy[t,c] − x[t,c]·rstd²·mean_c(w·dy·x)) + residual[t,c]
 *
 * Grid: one thread per row if four threads share reads (SwiftShader), otherwise a workgroup of 64 per row,
 * because a thousand threads leave a GPU idle (86 µs a dispatch of 1,024 × 576 on an H200 with one thread per
 * row). Traffic: forward reads x twice and writes y; backward reads x and dy twice, residual once, writes dx.
 * The backward pass computes rstd again: one pass over cached x costs less than a buffer of its own.
 *
 * @reference rmsNorm.reference.ts (f64) · tests/gpu/rmsNorm.test.ts
 */
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { axis, defineOp, expectMultipleOf4, expectShape, output2D } from '../../op.ts';
import { recorder, type Grid } from '../../gpu/record.ts';
import { slicesMain, slicesMemory, sumOverSlices, type Slices } from '../../gpu/slices.ts';
import { memoized, program } from '../../gpu/wgsl.ts';
import { rmsNormGradStock, rmsNormStock } from './rmsNorm.stock.ts';

const WORKGROUP = 64;
/** Rows with at most this many quads share a workgroup, as the heads of a qk-norm do. */
const NARROW = 64;
/** Workgroups along x if the threads of a workgroup share a row; further workgroups extend along y. */
const MOST_ACROSS = 2 ** 12;

const UNIFORMS = [
	['rows', 'u32'],
	['quads', 'u32'],
	['eps', 'f32'],
] as const;

type Form = 'whole' | 'wide' | 'narrow';

/** whole: one thread per row. wide, narrow: a workgroup for one row, or for four. */
function formOf(quads: number, lanes: boolean): Form {
	if (lanes) return 'whole';
	return quads <= NARROW ? 'narrow' : 'wide';
}

const SLICES: Readonly<Record<Exclude<Form, 'whole'>, Slices>> = {
	wide: { slices: WORKGROUP, across: 1 },
	narrow: { slices: WORKGROUP / 4, across: 4 },
};

/** WGSL of a thread's part of a row: all of it, or a slice. */
interface Rows {
	/** Start of `fn main`; afterwards `start` is the row's first quad. */
	readonly main: string;
	/** A loop over the thread's quads k. */
	readonly each: (body: string) => string;
	/** Joins the threads' sums to the row's sums, which every thread needs. */
	readonly join: (names: readonly string[]) => string;
}

const WHOLE: Rows = {
	main: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	if (id.x >= u.rows) { return; }
	let start = id.x * u.quads;`,
	each: (body) => `for (var k = 0u; k < u.quads; k++) { ${body} }`,
	join: () => '',
};

function sliced(shape: Slices): Rows {
	const { slices, across } = shape;
	return {
		main: /* wgsl */ `
${slicesMemory(shape, 2)}
var<workgroup> joined : array<vec4f, ${2 * across}>;
${slicesMain(shape)}
	let row = (group.y * ${MOST_ACROSS}u + group.x) * ${across}u + place;
	let start = row * u.quads;
	let end = select(0u, u.quads, row < u.rows);`,
		each: (body) => `for (var k = slice; k < end; k += ${slices}u) { ${body} }`,
		join: (names) => /* wgsl */ `
	${sumOverSlices(shape, names)}
	if (slice == 0u) { ${names.map((name, i) => `joined[${i * across}u + place] = ${name};`).join(' ')} }
	workgroupBarrier();
	${names.map((name, i) => `${name} = joined[${i * across}u + place];`).join(' ')}`,
	};
}

const rowsOf = (form: Form): Rows => (form === 'whole' ? WHOLE : sliced(SLICES[form]));

const forwardProgram = memoized((form: Form) => {
	const { main, each, join } = rowsOf(form);
	return program('rmsNorm', {
		bindings: [
			['x', 'read', 'vec4f'],
			['w', 'read', 'vec4f'],
			['y', 'write', 'vec4f'],
		],
		uniforms: UNIFORMS,
		body: /* wgsl */ `${main}
	var squares = vec4f();
	${each('let v = x[start + k]; squares = fma(v, v, squares);')}
	${join(['squares'])}
	let rstd = inverseSqrt(dot(squares, vec4f(1.0)) / f32(4u * u.quads) + u.eps);
	${each('y[start + k] = x[start + k] * rstd * w[k];')}
}`,
	});
});

const backwardProgram = memoized((withResidual: boolean, form: Form) => {
	const { main, each, join } = rowsOf(form);
	const along = `x[start + k] * along${withResidual ? ' + residual[start + k]' : ''}`;
	return program('rmsNormGrad', {
		bindings: [
			['dy', 'read', 'vec4f'],
			['x', 'read', 'vec4f'],
			['w', 'read', 'vec4f'],
			...(withResidual ? ([['residual', 'read', 'vec4f']] as const) : []),
			['dx', 'write', 'vec4f'],
		],
		uniforms: UNIFORMS,
		body: /* wgsl */ `${main}
	var squares = vec4f();
	var products = vec4f();
	${each(/* wgsl */ `
		let v = x[start + k];
		squares = fma(v, v, squares);
		products = fma(dy[start + k] * w[k], v, products);`)}
	${join(['squares', 'products'])}
	let mean = 1.0 / f32(4u * u.quads);
	let rstd = inverseSqrt(dot(squares, vec4f(1.0)) * mean + u.eps);
	let along = dot(products, vec4f(1.0)) * mean * rstd * rstd * rstd;
	${each(`dx[start + k] = dy[start + k] * w[k] * rstd - ${along};`)}
}`,
	});
});

function planRmsNorm(rows: number, form: Form): Grid {
	if (form === 'whole') return [Math.ceil(rows / WORKGROUP)];
	const groups = Math.ceil(rows / SLICES[form].across);
	return [Math.min(groups, MOST_ACROSS), Math.ceil(groups / MOST_ACROSS)];
}

const forward = defineOp<{ x: Tensor2D; w: Tensor1D }, { eps: number }>('AnchorageRmsNorm', {
	webgpu: ({ x, w }, { eps }) => {
		const gpu = recorder();
		const [T, C] = x.shape;
		const y = gpu.allocate([T, C]);
		const form = formOf(C / 4, gpu.lanes4);
		gpu.record(forwardProgram(form), [x, w, y], [T, C / 4, eps], planRmsNorm(T, form));
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
		const form = formOf(C / 4, gpu.lanes4);
		const backward = backwardProgram(residual !== undefined, form);
		gpu.record(backward, [...inputs, dx], [T, C / 4, eps], planRmsNorm(T, form));
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
