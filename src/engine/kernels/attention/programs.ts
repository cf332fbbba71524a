/**
 * Attention's programs: one thread a row and head (forward, dq) or a key and key head (dk, dv), everything of that row in
 * registers, the other side streamed through the cache.
 *
 * Grid: x over rows, y over heads, so that neighbouring threads hold neighbouring rows of one sequence and read the same key at
 * the same time. Traffic: 2·D floats a (row, key) pair and pass, from cache. The online softmax keeps one maximum, one sum and D
 * accumulators a row.
 */
import type { Tensor1D, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core';
import { axis } from '../../op.ts';
import { recorder, type Grid } from '../../record.ts';
import { memoized, program, unroll, type Binding, type Program } from '../../wgsl.ts';
import type { AttentionConfig } from './attention.ts';
import { recordRotation } from './rotation.ts';

const WORKGROUP = 64;

export function planAttention(rows: number, heads: number): Grid {
	return [Math.ceil(rows / WORKGROUP), heads];
}

/** Sizes in quads, known when the text is built. */
interface Sizes {
	/** D / 4 */
	D: number;
	H: number;
	kvHeads: number;
	/** Width of a row of qkv. */
	W: number;
}

function sizesOf(D: number, H: number, kvHeads: number): Sizes {
	return { D, H, kvHeads, W: (H + 2 * kvHeads) * D };
}

const each = (D: number, line: (c: number) => string): string => unroll(D, line, ' ');
const dots = (D: number, a: string, b: (c: number) => string): string =>
	unroll(D, (c) => `dot(${a}${c}, ${b(c)})`, ' + ');

/** Turns the D/4 quads `name0…` back by the row's position (RoPE transposed) and stores them, times `factor`, at `to`. */
function storeTurnedBack(D: number, name: string, to: string, factor: string): string {
	const half = D / 2;
	return unroll(
		half,
		(c) => /* wgsl */ `{
		let cosine = table[turn + ${c}u];
		let sine = table[turn + ${c + half}u];
		dqkv[${to} + ${c}u] = ${factor} * (${name}${c} * cosine + ${name}${c + half} * sine);
		dqkv[${to} + ${c + half}u] = ${factor} * (${name}${c + half} * cosine - ${name}${c} * sine);
	}`,
	);
}

function buildForward({ D, H, kvHeads, W }: Sizes): Program {
	const key = /* wgsl */ `
		let key = j * ${W}u + kAt;
		let s = ${dots(D, 'q', (c) => `x[key + ${c}u]`)};
		let next = max(largest, s);
		let shrink = exp(largest - next);
		let p = exp(s - next);
		total = fma(total, shrink, p);
		largest = next;
		${each(D, (c) => `o${c} = fma(vec4f(p), x[key + ${kvHeads * D + c}u], o${c} * shrink);`)}`;
	return program('attention', {
		bindings: [
			['x', 'read', 'vec4f'],
			['visible', 'read', 'vec4i'],
			['o', 'write', 'vec4f'],
			['stats', 'write', 'f32'],
		],
		uniforms: [
			['rows', 'u32'],
			['scale', 'f32'],
		],
		body: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	let i = id.x;
	let head = id.y;
	if (i >= u.rows) { return; }
	let q = i * ${W}u + head * ${D}u;
	let kAt = ${H * D}u + head / ${H / kvHeads}u * ${D}u;
	${each(D, (c) => `let q${c} = x[q + ${c}u] * u.scale; var o${c} = vec4f();`)}
	var largest = -3.0e38;
	var total = 0.0;
	let seen = vec4u(visible[i]);
	for (var j = seen.x; j < seen.y; j++) {${key}
	}
	for (var j = seen.z; j <= i; j++) {${key}
	}
	let to = (i * ${H}u + head) * ${D}u;
	${each(D, (c) => `o[to + ${c}u] = o${c} / total;`)}
	stats[2u * (i * ${H}u + head)] = largest + log(total);
}`,
	});
}

const GRAD_UNIFORMS = [
	['rows', 'u32'],
	['scale', 'f32'],
] as const;

function buildGradQ({ D, H, kvHeads, W }: Sizes): Program {
	const key = /* wgsl */ `
		let key = j * ${W}u + kAt;
		${each(D, (c) => `let k${c} = x[key + ${c}u];`)}
		let p = exp(${dots(D, 'q', (c) => `k${c}`)} - rowLse);
		let g = p * (${dots(D, 'w', (c) => `x[key + ${kvHeads * D + c}u]`)} - d);
		${each(D, (c) => `g${c} = fma(vec4f(g), k${c}, g${c});`)}`;
	return program('attentionGradQ', {
		bindings: [
			['x', 'read', 'vec4f'],
			['visible', 'read', 'vec4i'],
			['o', 'read', 'vec4f'],
			['stats', 'write', 'vec2f'],
			['dO', 'read', 'vec4f'],
			['positions', 'read', 'i32'],
			['table', 'read', 'vec4f'],
			['dqkv', 'write', 'vec4f'],
		],
		uniforms: GRAD_UNIFORMS,
		body: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	let i = id.x;
	let head = id.y;
	if (i >= u.rows) { return; }
	let q = i * ${W}u + head * ${D}u;
	let kAt = ${H * D}u + head / ${H / kvHeads}u * ${D}u;
	let out = (i * ${H}u + head) * ${D}u;
	${each(D, (c) => `let q${c} = x[q + ${c}u] * u.scale; let w${c} = dO[out + ${c}u]; var g${c} = vec4f();`)}
	let d = ${dots(D, 'w', (c) => `o[out + ${c}u]`)};
	let rowLse = stats[i * ${H}u + head].x;
	stats[i * ${H}u + head].y = d;
	let seen = vec4u(visible[i]);
	for (var j = seen.x; j < seen.y; j++) {${key}
	}
	for (var j = seen.z; j <= i; j++) {${key}
	}
	let turn = u32(positions[i]) * ${D}u;
	${storeTurnedBack(D, 'g', 'q', 'u.scale')}
}`,
	});
}

function buildGradKv({ D, H, kvHeads, W }: Sizes): Program {
	const bindings: Binding[] = [
		['x', 'read', 'vec4f'],
		['visible', 'read', 'vec4i'],
		['stats', 'read', 'vec2f'],
		['dO', 'read', 'vec4f'],
		['positions', 'read', 'i32'],
		['table', 'read', 'vec4f'],
		['dqkv', 'write', 'vec4f'],
	];
	// Threads of four neighbouring keys start at the same row, so that they read the same rows together.
	return program('attentionGradKv', {
		bindings,
		uniforms: GRAD_UNIFORMS,
		body: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	let j = id.x;
	if (j >= u.rows) { return; }
	let kAt = j * ${W}u + (${H}u + id.y) * ${D}u;
	let vAt = kAt + ${kvHeads * D}u;
	${each(D, (c) => `let k${c} = x[kAt + ${c}u] * u.scale; let v${c} = x[vAt + ${c}u]; var g${c} = vec4f(); var h${c} = vec4f();`)}
	let end = u32(visible[j].w);
	for (var head = id.y * ${H / kvHeads}u; head < (id.y + 1u) * ${H / kvHeads}u; head++) {
		for (var i = j & ~3u; i < end; i++) {
			if (i < j) { continue; }
			let q = i * ${W}u + head * ${D}u;
			let out = (i * ${H}u + head) * ${D}u;
			${each(D, (c) => `let q${c} = x[q + ${c}u]; let w${c} = dO[out + ${c}u];`)}
			let stat = stats[i * ${H}u + head];
			let p = exp(${dots(D, 'k', (c) => `q${c}`)} - stat.x);
			let g = p * (${dots(D, 'v', (c) => `w${c}`)} - stat.y);
			${each(D, (c) => `g${c} = fma(vec4f(g), q${c}, g${c}); h${c} = fma(vec4f(p), w${c}, h${c});`)}
		}
	}
	let turn = u32(positions[j]) * ${D}u;
	${storeTurnedBack(D, 'g', 'kAt', 'u.scale')}
	${each(D, (c) => `dqkv[vAt + ${c}u] = h${c};`)}
}`,
	});
}

const forwardProgram = memoized((D: number, H: number, kvHeads: number) =>
	buildForward(sizesOf(D, H, kvHeads)),
);
const gradQProgram = memoized((D: number, H: number, kvHeads: number) => buildGradQ(sizesOf(D, H, kvHeads)));
const gradKvProgram = memoized((D: number, H: number, kvHeads: number) =>
	buildGradKv(sizesOf(D, H, kvHeads)),
);

/** @returns o, stats, rotated */
export function recordAttention(
	qkv: Tensor2D,
	positions: Tensor1D,
	layout: Tensor2D,
	config: AttentionConfig,
): TensorInfo[] {
	const gpu = recorder();
	const { heads, kvHeads, headSize } = config;
	const T = axis(qkv, 0);
	const rotated = recordRotation(qkv, positions, config);
	const o = gpu.allocate([T, heads * headSize]);
	const stats = gpu.allocate([T, 2 * heads]);
	gpu.record(
		forwardProgram(headSize / 4, heads, kvHeads),
		[rotated, layout, o, stats],
		[T, 1 / Math.sqrt(headSize)],
		planAttention(T, heads),
	);
	return [o, stats, rotated];
}

/** @returns dqkv */
export function recordAttentionGrad(
	inputs: Record<'dO' | 'rotated' | 'o' | 'stats' | 'layout' | 'positions', TensorInfo>,
	config: AttentionConfig,
): TensorInfo[] {
	const gpu = recorder();
	const { heads, kvHeads, headSize, rope } = config;
	const { dO, rotated, o, stats, layout, positions } = inputs;
	const T = axis(rotated, 0);
	const dqkv = gpu.allocate([T, axis(rotated, 1)]);
	const uniforms = [T, 1 / Math.sqrt(headSize)];
	gpu.record(
		gradQProgram(headSize / 4, heads, kvHeads),
		[rotated, layout, o, stats, dO, positions, rope, dqkv],
		uniforms,
		planAttention(T, heads),
	);
	gpu.record(
		gradKvProgram(headSize / 4, heads, kvHeads),
		[rotated, layout, stats, dO, positions, rope, dqkv],
		uniforms,
		planAttention(T, kvHeads),
	);
	return [dqkv];
}
