/**
 * Attention's programs. If four threads share reads (SwiftShader), the programs of this file run: one thread
 * computes two rows of a head (forward, dq) or two keys of a key head (dk, dv), keeps all their numbers in
 * registers and streams the other side through the cache. Other GPUs use tiles in workgroup memory: tiles.ts.
 *
 * Grid: x over rows, y over heads, so that neighbouring threads hold neighbouring rows of one sequence. Four
 * of them (see handed() in wgsl.ts) process four keys at a time; each thread reads one key and uses it for
 * two rows, since reads cost most. Traffic: 2·D floats per (row, key) pair and pass, from cache. The online
 * softmax keeps one maximum, one sum and D accumulators per row.
 */
import type { Tensor1D, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core';
import { axis } from '../../op.ts';
import { recorder, type Grid, type Recorder } from '../../gpu/record.ts';
import { DeviceError } from '#core/errors.ts';
import { handed, memoized, program, unroll, type Program } from '../../gpu/wgsl.ts';
import { BINDINGS, UNIFORMS } from './bindings.ts';
import type { AttentionConfig } from './config.ts';
import { recordRotation } from './rotation.ts';
import {
	addWeighted,
	dots,
	each,
	forOwn,
	mainStart,
	OWN_ROWS,
	readRound,
	walk,
	walkKeys,
	WAYS,
	WORKGROUP,
	type Sizes,
} from './rounds.ts';
import { tilePrograms } from './tilePrograms.ts';
import { edgeFor, groupsFor } from './tileSizes.ts';

/**
 * Rotates the D/4 quads `name0…` back by the row's position (RoPE transposed) and stores them, times u.scale,
 * at `to`.
 */
function storeTurnedBack(D: number, r: string, name: string, to: string): string {
	const half = D / 2;
	const line = (c: number): string => /* wgsl */ `{
		let cosine = table[turn + ${c}u];
		let sine = table[turn + ${c + half}u];
		dqkv[${to} + ${c}u] = u.scale * (${name}${c}${r} * cosine + ${name}${c + half}${r} * sine);
		dqkv[${to} + ${c + half}u] = u.scale * (${name}${c + half}${r} * cosine - ${name}${c}${r} * sine);
	}`;
	return `let turn = u32(positions[i${r}]) * ${D}u;\n${unroll(half, line)}`;
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
	const { D, H, kvHeads, W } = sizes;
	const round = (r: string): string => /* wgsl */ `
		${WAYS.map((t) => `let s${t}${r} = select(-3.0e38, ${dots(D, 'q', 'k', r, t)}, valid${t}${r});`).join('\n')}
		let next${r} = ${WAYS.reduce((most, t) => `max(${most}, s${t}${r})`, `largest${r}`)};
		let shrink${r} = exp(largest${r} - next${r});
		${WAYS.map((t) => `let p${t}${r} = select(0.0, exp(s${t}${r} - next${r}), valid${t}${r});`).join('\n')}
		total${r} = fma(total${r}, shrink${r}, ${WAYS.map((t) => `p${t}${r}`).join(' + ')});
		largest${r} = next${r};
		${addWeighted(sizes, r, ['o', 'p', 'v'], (channel) => `${channel} * shrink${r}`)}`;
	const start = (r: string): string => /* wgsl */ `
	let q${r} = i${r} * ${W}u + head * ${D}u;
	${each(D, (c) => `let q${c}${r} = x[q${r} + ${c}u] * u.scale; var o${c}${r} = vec4f();`)}
	var largest${r} = -3.0e38;
	var total${r} = 0.0;`;
	const end = (r: string): string => /* wgsl */ `
	if (inside${r}) {
		let to = (i${r} * ${H}u + head) * ${D}u;
		${each(D, (c) => `o[to + ${c}u] = o${c}${r} / total${r};`)}
		stats[2u * (i${r} * ${H}u + head)] = largest${r} + log(total${r});
	}`;
	return program('attention', {
		lanes: true,
		bindings: BINDINGS.forward,
		uniforms: UNIFORMS,
		body: /* wgsl */ `${mainStart()}
	let head = id.y;
	let kAt = ${H * D}u + head / ${H / kvHeads}u * ${D}u;
	${forOwn(start)}
	${walkKeys(readKeys(sizes) + forOwn(round))}
	${forOwn(end)}
}`,
	});
}

function buildGradQ(sizes: Sizes): Program {
	const { D, H, kvHeads, W } = sizes;
	const way = (r: string, t: number): string => /* wgsl */ `
		let p${t}${r} = select(0.0, exp(${dots(D, 'q', 'k', r, t)} - stat${r}.x), valid${t}${r});
		let d${t}${r} = p${t}${r} * (${dots(D, 'w', 'v', r, t)} - delta${r});`;
	const round = (r: string): string =>
		WAYS.map((t) => way(r, t)).join('') + addWeighted(sizes, r, ['g', 'd', 'k']);
	const start = (r: string): string => /* wgsl */ `
	let q${r} = i${r} * ${W}u + head * ${D}u;
	let out${r} = (i${r} * ${H}u + head) * ${D}u;
	${each(D, (c) => `let q${c}${r} = x[q${r} + ${c}u] * u.scale; let w${c}${r} = dO[out${r} + ${c}u]; var g${c}${r} = vec4f();`)}
	let delta${r} = ${unroll(D, (c) => `dot(w${c}${r}, o[out${r} + ${c}u])`, ' + ')};
	let stat${r} = stats[i${r} * ${H}u + head];`;
	const end = (r: string): string => /* wgsl */ `
	if (inside${r}) {
		stats[i${r} * ${H}u + head].y = delta${r};
		${storeTurnedBack(D, r, 'g', `q${r}`)}
	}`;
	return program('attentionGradQ', {
		lanes: true,
		bindings: BINDINGS.gradQ,
		uniforms: UNIFORMS,
		body: /* wgsl */ `${mainStart()}
	let head = id.y;
	let kAt = ${H * D}u + head / ${H / kvHeads}u * ${D}u;
	${forOwn(start)}
	${walkKeys(readKeys(sizes) + forOwn(round))}
	${forOwn(end)}
}`,
	});
}

function buildGradKv(sizes: Sizes): Program {
	const { D, H, kvHeads, W } = sizes;
	const way = (r: string, t: number): string => /* wgsl */ `
			let p${t}${r} = select(0.0, exp(${dots(D, 'k', 'q', r, t)} - stat${t}.x), valid${t}${r});
			let d${t}${r} = p${t}${r} * (${dots(D, 'v', 'w', r, t)} - stat${t}.y);`;
	const ownPart = (r: string): string =>
		WAYS.map((t) => way(r, t)).join('') +
		addWeighted(sizes, r, ['g', 'd', 'q']) +
		addWeighted(sizes, r, ['h', 'p', 'w']);
	const round = /* wgsl */ `
			let q = mine * ${W}u + head * ${D}u;
			let out = (mine * ${H}u + head) * ${D}u;
			${readRound(sizes, 'q', (c) => `x[q + ${c}u]`)}
			${readRound(sizes, 'w', (c) => `dO[out + ${c}u]`)}
			let stat0 = stats[mine * ${H}u + head];
			${WAYS.slice(1)
				.map((t) => `let stat${t} = ${handed(t, 'stat0')};`)
				.join(' ')}
			${forOwn(ownPart)}`;
	const start = (r: string): string => /* wgsl */ `
	let k${r} = i${r} * ${W}u + (${H}u + id.y) * ${D}u;
	let v${r} = k${r} + ${kvHeads * D}u;
	${each(D, (c) => `let k${c}${r} = x[k${r} + ${c}u] * u.scale; let v${c}${r} = x[v${r} + ${c}u]; var g${c}${r} = vec4f(); var h${c}${r} = vec4f();`)}
	let start${r} = i${r};
	let stop${r} = select(0u, u32(visible[i${r}].w), inside${r});`;
	const end = (r: string): string => /* wgsl */ `
	if (inside${r}) {
		${storeTurnedBack(D, r, 'g', `k${r}`)}
		${each(D, (c) => `dqkv[v${r} + ${c}u] = h${c}${r};`)}
	}`;
	// Here i is the key, and j runs over the rows that see it.
	return program('attentionGradKv', {
		lanes: true,
		bindings: BINDINGS.gradKv,
		uniforms: UNIFORMS,
		body: /* wgsl */ `${mainStart()}
	${forOwn(start)}
	for (var head = id.y * ${H / kvHeads}u; head < (id.y + 1u) * ${H / kvHeads}u; head++) {
		${walk(round)}
	}
	${forOwn(end)}
}`,
	});
}

const programOf = (build: (sizes: Sizes) => Program) =>
	memoized((D: number, H: number, kvHeads: number) => build({ D, H, kvHeads, W: (H + 2 * kvHeads) * D }));
const lanePrograms = {
	forward: programOf(buildForward),
	gradQ: programOf(buildGradQ),
	gradKv: programOf(buildGradKv),
};

/** The program of this device, and its grid for `rows` rows and `heads` heads. */
function planned(
	gpu: Recorder,
	name: keyof typeof lanePrograms,
	{ heads, kvHeads, headSize }: AttentionConfig,
): { program: Program; grid: (rows: number, heads: number) => Grid } {
	const D = headSize / 4;
	if (gpu.lanes4) {
		const program = lanePrograms[name](D, heads, kvHeads);
		return { program, grid: (rows, y) => [Math.ceil(rows / OWN_ROWS.length / WORKGROUP), y] };
	}
	const edge = edgeFor(D, gpu.workgroup);
	if (edge === null) {
		throw new DeviceError(`Heads of ${headSize} channels need more workgroup memory than this GPU has.`, {
			code: 'limits-too-low',
			hint: 'Choose a model with smaller heads, or another GPU in the browser’s settings.',
			context: { headSize, have: gpu.workgroup.bytes },
		});
	}
	const groups = name === 'gradKv' ? groupsFor(D, edge, gpu.workgroup) : 1;
	const program = tilePrograms[name](D, heads, kvHeads, edge, groups);
	return { program, grid: (rows, y) => [Math.ceil(rows / edge), y] };
}

/** @returns o, stats, rotated */
export function recordAttention(
	qkv: Tensor2D,
	positions: Tensor1D,
	layout: Tensor2D,
	config: AttentionConfig,
): TensorInfo[] {
	const gpu = recorder();
	const { heads, headSize, scale } = config;
	const T = axis(qkv, 0);
	const rotated = recordRotation(qkv, positions, config);
	const o = gpu.allocate([T, heads * headSize]);
	const stats = gpu.allocate([T, 2 * heads]);
	const { program, grid } = planned(gpu, 'forward', config);
	gpu.record(program, [rotated, layout, o, stats], [T, scale], grid(T, heads));
	return [o, stats, rotated];
}

/** @returns dqkv */
export function recordAttentionGrad(
	inputs: Record<'dO' | 'rotated' | 'o' | 'stats' | 'layout' | 'positions', TensorInfo>,
	config: AttentionConfig,
): TensorInfo[] {
	const gpu = recorder();
	const { heads, kvHeads, scale, rope } = config;
	const { dO, rotated, o, stats, layout, positions } = inputs;
	const T = axis(rotated, 0);
	const dqkv = gpu.allocate([T, axis(rotated, 1)]);
	const uniforms = [T, scale];
	const gradQ = planned(gpu, 'gradQ', config);
	const queries = [rotated, layout, o, stats, dO, positions, rope, dqkv];
	gpu.record(gradQ.program, queries, uniforms, gradQ.grid(T, heads));
	const gradKv = planned(gpu, 'gradKv', config);
	const keys = [rotated, layout, stats, dO, positions, rope, dqkv];
	gpu.record(gradKv.program, keys, uniforms, gradKv.grid(T, kvHeads));
	return [dqkv];
}
