/**
 * Attention's programs: one thread a row and head (forward, dq) or a key and key head (dk, dv), everything of that row in
 * registers, the other side streamed through the cache.
 *
 * Grid: x over rows, y over heads, so that neighbouring threads hold neighbouring rows of one sequence and read the same key at
 * the same time; four of them that share reads take four keys at a time, each thread reading one (see handed() in wgsl.ts). Traffic:
 * 2·D floats a (row, key) pair and pass, from cache. The online softmax keeps one maximum, one sum and D accumulators a row.
 */
import type { Tensor1D, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core';
import { axis } from '../../op.ts';
import { recorder, type Grid } from '../../record.ts';
import { handed, LANE, memoized, program, unroll, type Program } from '../../wgsl.ts';
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

const AXES = ['x', 'y', 'z', 'w'] as const;
const each = (D: number, line: (c: number) => string): string => unroll(D, line, ' ');
/** Keys (or rows) that one round of the loop takes. */
const ways = (lanes: boolean): readonly number[] => (lanes ? [0, 1, 2, 3] : [0]);

/** Declares `<prefix><c>_<way>`, c < D: the quads at `at` of the row `mine` and, handed round, of its neighbours'. */
function readRound({ D, lanes }: Sizes, prefix: string, at: (c: number) => string): string {
	const one = (c: number, t: number): string =>
		`let ${prefix}${c}_${t} = ${t === 0 ? at(c) : handed(t, `${prefix}${c}_0`)};`;
	return each(D, (c) =>
		ways(lanes)
			.map((t) => one(c, t))
			.join(' '),
	);
}

/** Σ_c a_c·b_c over one way's quads. */
const dots = (D: number, a: string, b: string, way: number): string =>
	unroll(D, (c) => `dot(${b}${c}_${way}, ${a}${c})`, ' + ');

/** `<sum><c> += Σ_way weight·value<c>`, channel after channel; `start` is what stands in place of the sum. */
function addWeighted(
	{ D, lanes }: Sizes,
	sum: string,
	weight: string,
	value: string,
	start = (channel: string) => channel,
): string {
	const channel = (c: number, axis: string): string =>
		ways(lanes).reduce(
			(total, t) => `fma(${value}${c}_${t}.${axis}, ${weight}${t}, ${total})`,
			start(`${sum}${c}.${axis}`),
		);
	return each(D, (c) => `${sum}${c} = vec4f(${AXES.map((axis) => channel(c, axis)).join(', ')});`);
}

/**
 * A loop over the keys (or rows) from `from` to `to`, each thread its own range; `body` finds its row of the other side in `mine` and
 * in `valid<way>` whether the way's key counts.
 *
 * With lanes the four threads walk the union of their ranges in step, four keys a round; a thread past the last row has an empty range.
 */
function walk(lanes: boolean, from: string, to: string, body: string): string {
	if (!lanes) return `for (var j = ${from}; j < ${to}; j++) { let mine = j; const valid0 = true; ${body} }`;
	const way = (t: number): string =>
		`let key${t} = j + (lane ^ ${t}u); let valid${t} = key${t} >= ${from} && key${t} < ${to};`;
	return /* wgsl */ `{
		let empty = ${from} >= ${to};
		let first = subgroupMin(select(${from}, 0xffffffffu, empty));
		let last = subgroupMax(select(${to}, 0u, empty));
		for (var j = first; j < last; j += 4u) {
			let mine = min(j + lane, u.rows - 1u);
			${unroll(4, way)}
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
		${walk(lanes, 'start', 'stop', body)}
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

/** Reads the keys and values of a round. */
function readKeys(sizes: Sizes): string {
	const { D, kvHeads, W } = sizes;
	return /* wgsl */ `
		let key = mine * ${W}u + kAt;
		${readRound(sizes, 'k', (c) => `x[key + ${c}u]`)}
		${readRound(sizes, 'v', (c) => `x[key + ${kvHeads * D + c}u]`)}`;
}

function buildForward(sizes: Sizes): Program {
	const { D, H, kvHeads, W, lanes } = sizes;
	const all = ways(lanes);
	const round = /* wgsl */ `${readKeys(sizes)}
		${all.map((t) => `let s${t} = select(-3.0e38, ${dots(D, 'q', 'k', t)}, valid${t});`).join('\n')}
		let next = ${all.reduce((most, t) => `max(${most}, s${t})`, 'largest')};
		let shrink = exp(largest - next);
		${all.map((t) => `let p${t} = select(0.0, exp(s${t} - next), valid${t});`).join('\n')}
		total = fma(total, shrink, ${all.map((t) => `p${t}`).join(' + ')});
		largest = next;
		${addWeighted(sizes, 'o', 'p', 'v', (channel) => `${channel} * shrink`)}`;
	return program('attention', {
		lanes,
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
		body: /* wgsl */ `${mainStart(lanes)}
	let head = id.y;
	let q = i * ${W}u + head * ${D}u;
	let kAt = ${H * D}u + head / ${H / kvHeads}u * ${D}u;
	${each(D, (c) => `let q${c} = x[q + ${c}u] * u.scale; var o${c} = vec4f();`)}
	var largest = -3.0e38;
	var total = 0.0;
	${walkKeys(lanes, round)}
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

function buildGradQ(sizes: Sizes): Program {
	const { D, H, kvHeads, W, lanes } = sizes;
	const way = (t: number): string => /* wgsl */ `
		let p${t} = select(0.0, exp(${dots(D, 'q', 'k', t)} - stat.x), valid${t});
		let d${t} = p${t} * (${dots(D, 'w', 'v', t)} - d);`;
	const round = /* wgsl */ `${readKeys(sizes)}
		${ways(lanes).map(way).join('')}
		${addWeighted(sizes, 'g', 'd', 'k')}`;
	return program('attentionGradQ', {
		lanes,
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
		body: /* wgsl */ `${mainStart(lanes)}
	let head = id.y;
	let q = i * ${W}u + head * ${D}u;
	let kAt = ${H * D}u + head / ${H / kvHeads}u * ${D}u;
	let out = (i * ${H}u + head) * ${D}u;
	${each(D, (c) => `let q${c} = x[q + ${c}u] * u.scale; let w${c} = dO[out + ${c}u]; let o${c} = o[out + ${c}u]; var g${c} = vec4f();`)}
	let d = ${unroll(D, (c) => `dot(w${c}, o${c})`, ' + ')};
	let stat = stats[i * ${H}u + head];
	${walkKeys(lanes, round)}
	if (!inside) { return; }
	stats[i * ${H}u + head].y = d;
	let turn = u32(positions[i]) * ${D}u;
	${storeTurnedBack(D, 'g', 'q', 'u.scale')}
}`,
	});
}

function buildGradKv(sizes: Sizes): Program {
	const { D, H, kvHeads, W, lanes } = sizes;
	const way = (t: number): string => /* wgsl */ `
			${t === 0 ? '' : `let stat${t} = ${handed(t, 'stat0')};`}
			let p${t} = select(0.0, exp(${dots(D, 'k', 'q', t)} - stat${t}.x), valid${t});
			let d${t} = p${t} * (${dots(D, 'v', 'w', t)} - stat${t}.y);`;
	const round = /* wgsl */ `
			let q = mine * ${W}u + head * ${D}u;
			let out = (mine * ${H}u + head) * ${D}u;
			${readRound(sizes, 'q', (c) => `x[q + ${c}u]`)}
			${readRound(sizes, 'w', (c) => `dO[out + ${c}u]`)}
			let stat0 = stats[mine * ${H}u + head];
			${ways(lanes).map(way).join('')}
			${addWeighted(sizes, 'g', 'd', 'q')}
			${addWeighted(sizes, 'h', 'p', 'w')}`;
	// Here i is the key and j walks over the rows that see it.
	return program('attentionGradKv', {
		lanes,
		bindings: [
			['x', 'read', 'vec4f'],
			['visible', 'read', 'vec4i'],
			['stats', 'read', 'vec2f'],
			['dO', 'read', 'vec4f'],
			['positions', 'read', 'i32'],
			['table', 'read', 'vec4f'],
			['dqkv', 'write', 'vec4f'],
		],
		uniforms: GRAD_UNIFORMS,
		body: /* wgsl */ `${mainStart(lanes)}
	let kAt = i * ${W}u + (${H}u + id.y) * ${D}u;
	let vAt = kAt + ${kvHeads * D}u;
	${each(D, (c) => `let k${c} = x[kAt + ${c}u] * u.scale; let v${c} = x[vAt + ${c}u]; var g${c} = vec4f(); var h${c} = vec4f();`)}
	let end = select(0u, u32(visible[i].w), inside);
	for (var head = id.y * ${H / kvHeads}u; head < (id.y + 1u) * ${H / kvHeads}u; head++) {
		${walk(lanes, 'i', 'end', round)}
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
