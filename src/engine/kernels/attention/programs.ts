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
import { LANE, memoized, program, unroll, type Binding, type Program } from '../../wgsl.ts';
import type { AttentionConfig } from './config.ts';
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
	/** Four neighbouring threads share what they read of the other side. */
	lanes: boolean;
}

function sizesOf(D: number, H: number, kvHeads: number, lanes: boolean): Sizes {
	return { D, H, kvHeads, W: (H + 2 * kvHeads) * D, lanes };
}

const each = (D: number, line: (c: number) => string): string => unroll(D, line, ' ');
const dots = (D: number, a: string, b: string): string => unroll(D, (c) => `dot(${a}${c}, ${b}${c})`, ' + ');

/** A quad of a binding that is array<f32> with lanes: shared by the four threads, or the thread's own. */
const shared = (lanes: boolean, name: string, index: string): string =>
	lanes ? `handRound(${name}[4u * (${index}) + lane])` : `${name}[${index}]`;
const own = (lanes: boolean, name: string, index: string): string =>
	lanes ? `vec4f(${unroll(4, (e) => `${name}[4u * (${index}) + ${e}u]`, ', ')})` : `${name}[${index}]`;

/**
 * A loop over the keys (or rows) from `from` to `to`, each thread its own range; `body` may use `valid`.
 *
 * With lanes the four threads walk the union of their ranges in step and `valid` says which of them mean it; a thread past the
 * last row has an empty range. Without lanes `valid` is true.
 */
function walk(lanes: boolean, index: string, from: string, to: string, body: string): string {
	if (!lanes)
		return `for (var ${index} = ${from}; ${index} < ${to}; ${index}++) { const valid = true; ${body} }`;
	return /* wgsl */ `{
		let empty = ${from} >= ${to};
		let first = subgroupMin(select(${from}, 0xffffffffu, empty));
		let last = subgroupMax(select(${to}, 0u, empty));
		for (var ${index} = first; ${index} < last; ${index}++) {
			let valid = ${index} >= ${from} && ${index} < ${to};
			${body}
		}
	}`;
}

/** The two ranges of keys that row i sees, one after the other through one copy of the body: its text is long. */
function walkKeys(lanes: boolean, body: string): string {
	return /* wgsl */ `
	let seen = vec4u(visible[i]);
	for (var part = 0u; part < 2u; part++) {
		let start = select(seen.z, seen.x, part == 0u);
		let stop = select(select(0u, i + 1u, inside), seen.y, part == 0u);
		${walk(lanes, 'j', 'start', 'stop', body)}
	}`;
}

/** Start of main: `i` is the thread's row, `inside` whether there is such a row. */
const mainStart = (lanes: boolean): string => /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u${lanes ? LANE : ''}) {
	let inside = id.x < u.rows;
	${lanes ? '' : 'if (!inside) { return; }'}
	let i = min(id.x, u.rows - 1u);`;

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

function buildForward({ D, H, kvHeads, W, lanes }: Sizes): Program {
	const key = /* wgsl */ `
		let key = j * ${W}u + kAt;
		${each(D, (c) => `let k${c} = ${shared(lanes, 'x', `key + ${c}u`)}; let v${c} = ${shared(lanes, 'x', `key + ${kvHeads * D + c}u`)};`)}
		let s = select(-3.0e38, ${dots(D, 'q', 'k')}, valid);
		let next = max(largest, s);
		let shrink = exp(largest - next);
		let p = select(0.0, exp(s - next), valid);
		total = fma(total, shrink, p);
		largest = next;
		${each(D, (c) => `o${c} = fma(vec4f(p), v${c}, o${c} * shrink);`)}`;
	return program('attention', {
		lanes,
		bindings: [
			['x', 'read', lanes ? 'f32' : 'vec4f'],
			['visible', 'read', 'vec4i'],
			['o', 'write', 'vec4f'],
			['stats', 'write', 'f32'],
		],
		uniforms: [
			['rows', 'u32'],
			['scale', 'f32'],
		],
		body: /* wgsl */ `${mainStart(lanes)}
	let head = id.y;
	let q = i * ${W}u + head * ${D}u;
	let kAt = ${H * D}u + head / ${H / kvHeads}u * ${D}u;
	${each(D, (c) => `let q${c} = ${own(lanes, 'x', `q + ${c}u`)} * u.scale; var o${c} = vec4f();`)}
	var largest = -3.0e38;
	var total = 0.0;
	${walkKeys(lanes, key)}
	if (!inside) { return; }
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

function buildGradQ({ D, H, kvHeads, W, lanes }: Sizes): Program {
	const key = /* wgsl */ `
		let key = j * ${W}u + kAt;
		${each(D, (c) => `let k${c} = ${shared(lanes, 'x', `key + ${c}u`)}; let v${c} = ${shared(lanes, 'x', `key + ${kvHeads * D + c}u`)};`)}
		let p = select(0.0, exp(${dots(D, 'q', 'k')} - stat.x), valid);
		let g = p * (${dots(D, 'w', 'v')} - d);
		${each(D, (c) => `g${c} = fma(vec4f(g), k${c}, g${c});`)}`;
	return program('attentionGradQ', {
		lanes,
		bindings: [
			['x', 'read', lanes ? 'f32' : 'vec4f'],
			['visible', 'read', 'vec4i'],
			['o', 'read', 'vec4f'],
			['stats', 'write', 'vec2f'],
			['dO', 'read', 'vec4f'],
			['positions', 'read', 'i32'],
			['table', 'read', 'vec4f'],
			['dqkv', 'write', 'vec4f'],
		],
		uniforms: GRAD_UNIFORMS,
		body: /* wgsl */ `${mainStart(lanes)}
	let head = id.y;
	let q = i * ${W}u + head * ${D}u;
	let kAt = ${H * D}u + head / ${H / kvHeads}u * ${D}u;
	let out = (i * ${H}u + head) * ${D}u;
	${each(D, (c) => `let q${c} = ${own(lanes, 'x', `q + ${c}u`)} * u.scale; let w${c} = dO[out + ${c}u]; let o${c} = o[out + ${c}u]; var g${c} = vec4f();`)}
	let d = ${dots(D, 'w', 'o')};
	let stat = stats[i * ${H}u + head];
	${walkKeys(lanes, key)}
	if (!inside) { return; }
	stats[i * ${H}u + head].y = d;
	let turn = u32(positions[i]) * ${D}u;
	${storeTurnedBack(D, 'g', 'q', 'u.scale')}
}`,
	});
}

function buildGradKv({ D, H, kvHeads, W, lanes }: Sizes): Program {
	const bindings: Binding[] = [
		['x', 'read', lanes ? 'f32' : 'vec4f'],
		['visible', 'read', 'vec4i'],
		['stats', 'read', 'vec2f'],
		['dO', 'read', lanes ? 'f32' : 'vec4f'],
		['positions', 'read', 'i32'],
		['table', 'read', 'vec4f'],
		['dqkv', 'write', 'vec4f'],
	];
	const row = /* wgsl */ `
			let q = j * ${W}u + head * ${D}u;
			let out = (j * ${H}u + head) * ${D}u;
			${each(D, (c) => `let q${c} = ${shared(lanes, 'x', `q + ${c}u`)}; let w${c} = ${shared(lanes, 'dO', `out + ${c}u`)};`)}
			let stat = stats[j * ${H}u + head];
			let p = select(0.0, exp(${dots(D, 'k', 'q')} - stat.x), valid);
			let g = p * (${dots(D, 'v', 'w')} - stat.y);
			${each(D, (c) => `g${c} = fma(vec4f(g), q${c}, g${c}); h${c} = fma(vec4f(p), w${c}, h${c});`)}`;
	// Here i is the key and j walks over the rows that see it.
	return program('attentionGradKv', {
		lanes,
		bindings,
		uniforms: GRAD_UNIFORMS,
		body: /* wgsl */ `${mainStart(lanes)}
	let kAt = i * ${W}u + (${H}u + id.y) * ${D}u;
	let vAt = kAt + ${kvHeads * D}u;
	${each(D, (c) => `let k${c} = ${own(lanes, 'x', `kAt + ${c}u`)} * u.scale; let v${c} = ${own(lanes, 'x', `vAt + ${c}u`)}; var g${c} = vec4f(); var h${c} = vec4f();`)}
	let end = select(0u, u32(visible[i].w), inside);
	for (var head = id.y * ${H / kvHeads}u; head < (id.y + 1u) * ${H / kvHeads}u; head++) {
		${walk(lanes, 'j', 'i', 'end', row)}
	}
	if (!inside) { return; }
	let turn = u32(positions[i]) * ${D}u;
	${storeTurnedBack(D, 'g', 'kAt', 'u.scale')}
	${each(D, (c) => `dqkv[vAt + ${c}u] = h${c};`)}
}`,
	});
}

const programOf = (build: (sizes: Sizes) => Program) =>
	memoized((D: number, H: number, kvHeads: number, lanes: boolean) => build(sizesOf(D, H, kvHeads, lanes)));
const forwardProgram = programOf(buildForward);
const gradQProgram = programOf(buildGradQ);
const gradKvProgram = programOf(buildGradKv);

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
		forwardProgram(headSize / 4, heads, kvHeads, gpu.lanes4),
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
		gradQProgram(headSize / 4, heads, kvHeads, gpu.lanes4),
		[rotated, layout, o, stats, dO, positions, rope, dqkv],
		uniforms,
		planAttention(T, heads),
	);
	gpu.record(
		gradKvProgram(headSize / 4, heads, kvHeads, gpu.lanes4),
		[rotated, layout, stats, dO, positions, rope, dqkv],
		uniforms,
		planAttention(T, kvHeads),
	);
	return [dqkv];
}
