/**
 * Forward programs of targetLogps.
 *
 * `logitSpans`: a thread takes 16 rows and a span of the vocabulary, eight columns at a time. It reduces each
 * tile of logits into a running (maximum, Σ e^, Σ e^·logit) per row and writes one vec4 per row and span.
 * Grid: x over spans, y over row tiles. Traffic: the head once per row tile (from cache), partials 16 bytes
 * per row and span.
 * `joinSpans`: a thread (on a GPU a workgroup) per row joins the spans and computes the target's own logit as
 * a dot product.
 */
import type { Tensor1D, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core';
import { axis } from '../../op.ts';
import { recorder } from '../../gpu/record.ts';
import { shapeClass, tableParts, tableShape, type Table } from '../../table.ts';
import { weightShape, weightType } from '../../weight.ts';
import { weightQuad, type WeightType } from '../../gpu/weightReads.ts';
import { LANE, memoized, program, unroll, type Program } from '../../gpu/wgsl.ts';
import { tileOf } from '../linear/forward.ts';
import { eachRow, rowOf, tileNT, tileStart } from '../linear/tile.ts';
import { joinUniforms, partialAt, spansParts } from './parts.ts';
import { sharedSpansProgram, sharedSpanWidth } from './shared.ts';

const WORKGROUP = [4, 4] as const;
const JOIN_WORKGROUP = 64;
/** Maximum spans of the vocabulary: enough threads for a GPU, few enough partials. */
const MOST_SPANS = 256;

/** Columns of a span: a multiple of the tile's width. */
function spanWidth(V: number): number {
	const tileWidth = COLUMNS.length;
	return Math.ceil(V / MOST_SPANS / tileWidth) * tileWidth;
}

/** Copies h[rows] once, so that tiles read contiguous rows. */
const gatherProgram = memoized(() =>
	program('gatherRows', {
		bindings: [
			['h', 'read', 'vec4f'],
			['rows', 'read', 'i32'],
			['gathered', 'write', 'vec4f'],
		],
		uniforms: [['quads', 'u32']],
		body: /* wgsl */ `
@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id : vec3u) {
	if (id.x >= u.quads) { return; }
	gathered[id.y * u.quads + id.x] = h[u32(rows[id.y]) * u.quads + id.x];
}`,
	}),
);

/** h[rows] [N, C]; the caller frees it. */
export function recordGatherRows(h: Tensor2D, rows: Tensor1D): TensorInfo {
	const gpu = recorder();
	const [N, C] = [axis(rows, 0), axis(h, 1)];
	const gathered = gpu.allocate([N, C]);
	gpu.record(gatherProgram(), [h, rows, gathered], [C / 4], [Math.ceil(C / 4 / 32), N]);
	return gathered;
}

/** Eight columns per tile, named c<i>_0 and c<i>_1. */
const COLUMNS = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/**
 * Adds row i's eight logits to its running (maximum, Σ e^, Σ e^·logit); columns past the vocabulary are
 * ignored.
 */
function reduceRow(i: number): string {
	const logit = (j: number): string => `c${i}_${j >> 2}.${'xyzw'[j & 3] ?? 'x'}`;
	return /* wgsl */ `{
			${COLUMNS.map((j) => `let l${j} = select(-3.0e38, ${logit(j)}, v + ${j}u < u.v);`).join(' ')}
			let next = ${COLUMNS.reduce((most, j) => `max(${most}, l${j})`, `s${i}.x`)};
			let shrink = exp(s${i}.x - next);
			${COLUMNS.map((j) => `let e${j} = exp(l${j} - next);`).join(' ')}
			s${i} = vec3f(
				next,
				s${i}.y * shrink + ${COLUMNS.map((j) => `e${j}`).join(' + ')},
				s${i}.z * shrink + ${COLUMNS.map((j) => `e${j} * l${j}`).join(' + ')},
			);
		}`;
}

const spansProgram = memoized((lanes: boolean, type: WeightType, split: boolean) => {
	const tile = tileOf(lanes);
	const store = (i: number): string =>
		`{ let row = m0 + ${rowOf(tile, i)}; if (row < u.rows) { partials[${partialAt('row', 'id.x', split)}] = vec4f(s${i}, 0.0); } }`;
	return program('logitSpans', {
		lanes,
		...spansParts(type, split),
		body: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP.join(', ')})
fn main(@builtin(global_invocation_id) id : vec3u${lanes ? LANE : ''}) {
	let m0 = id.y * ${tile.rows}u;
	if (m0 >= u.rows) { return; }
	${unroll(tile.rows, (i) => `var s${i} = vec3f(-3.0e38, 0.0, 0.0);`, ' ')}
	for (var step = 0u; step < u.width; step += ${COLUMNS.length}u) {
		let v = id.x * u.width + step;
		${tileStart(tile)}
		${tileNT(
			tile,
			{ name: 'h', base: 'm0 * u.c', stride: 'u.c' },
			{ name: 'head', base: 'v * u.c', stride: 'u.c', quad: weightQuad('head', type) },
			'u.c',
		)}
		${eachRow(tile, reduceRow, ['s'])}
	}
	if (id.x >= u.spans) { return; }
	${unroll(tile.rows, store)}
}`,
	});
});

const joinParts = (head: WeightType, split: boolean): Pick<Program, 'uniforms' | 'bindings'> => ({
	uniforms: joinUniforms(split),
	bindings: [
		['h', 'read', 'vec4f'],
		['head', 'read', head],
		['targets', 'read', 'i32'],
		['partials', 'read', 'vec4f'],
		['logps', 'write', 'f32'],
		['lse', 'write', 'f32'],
		['entropy', 'write', 'f32'],
	],
});

/**
 * Joins every `step`-th span and quad of row n from `first` on into `largest`, `total`, `weighted` and
 * `logit`.
 */
function joinedSpans(type: WeightType, split: boolean, first: string, step: number): string {
	return /* wgsl */ `
	var largest = -3.0e38;
	for (var s = ${first}; s < u.spans; s += ${step}u) { largest = max(largest, partials[n * u.spans + s].x); }
	var total = 0.0;
	var weighted = 0.0;
	for (var s = ${first}; s < u.spans; s += ${step}u) {
		let part = partials[n * u.spans + s];
		let shrink = exp(part.x - largest);
		total = fma(part.y, shrink, total);
		weighted = fma(part.z, shrink, weighted);
	}
	var products = vec4f();
	for (var k = ${first}; k < u.c; k += ${step}u) {
		products = fma(h[n * u.c + k], ${weightQuad('head', type)(`${split ? 'row' : 'u32(wanted)'} * u.c + k`)}, products);
	}
	var logit = dot(products, vec4f(1.0));`;
}

/** The dispatch of the part that has the target writes the row's results. */
const IN_PART = 'let row = u32(wanted) - u.first; if (row >= u.v) { return; }';

const NOT_WANTED = 'logps[n] = 0.0; lse[n] = 0.0; entropy[n] = 0.0;';
const STORE_JOINED = /* wgsl */ `
	let sum = largest + log(total);
	lse[n] = sum;
	logps[n] = min(0.0, logit - sum);
	entropy[n] = sum - weighted / total;`;

/** One thread per row, for SwiftShader. */
const joinProgram = memoized((type: WeightType, split: boolean) =>
	program('joinSpans', {
		...joinParts(type, split),
		body: /* wgsl */ `
@compute @workgroup_size(${JOIN_WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	let n = id.x;
	if (n >= u.rows) { return; }
	let wanted = targets[n];
	if (wanted < 0) { ${NOT_WANTED} return; }
	${split ? IN_PART : ''}${joinedSpans(type, split, '0u', 1)}
	${STORE_JOINED}
}`,
	}),
);

/** One workgroup per row. */
const joinTogetherProgram = memoized((type: WeightType, split: boolean) =>
	program('joinSpansTogether', {
		...joinParts(type, split),
		body: /* wgsl */ `
var<workgroup> joined : array<vec4f, ${JOIN_WORKGROUP}>;
@compute @workgroup_size(${JOIN_WORKGROUP})
fn main(@builtin(workgroup_id) group : vec3u, @builtin(local_invocation_index) thread : u32) {
	let n = group.x;
	let wanted = targets[n];
	if (wanted < 0) {
		if (thread == 0u) { ${NOT_WANTED} }
		return;
	}
	${split ? IN_PART : ''}${joinedSpans(type, split, 'thread', JOIN_WORKGROUP)}
	joined[thread] = vec4f(largest, total, weighted, logit);
	workgroupBarrier();
	if (thread > 0u) { return; }
	for (var t = 1u; t < ${JOIN_WORKGROUP}u; t++) { largest = max(largest, joined[t].x); }
	let own = exp(joined[0].x - largest);
	total *= own;
	weighted *= own;
	for (var t = 1u; t < ${JOIN_WORKGROUP}u; t++) {
		let part = joined[t];
		let shrink = exp(part.x - largest);
		total = fma(part.y, shrink, total);
		weighted = fma(part.z, shrink, weighted);
		logit += part.w;
	}
	${STORE_JOINED}
}`,
	}),
);

/** @returns logps, lse, entropy */
export function recordTargetLogps(h: Tensor2D, head: Table, rows: Tensor1D, targets: Tensor1D): TensorInfo[] {
	const gpu = recorder();
	const N = axis(rows, 0);
	const gathered = recordGatherRows(h, rows);
	const { partials, spans } = recordSpans(gathered, head);
	const [logps, lse, entropy] = [gpu.allocate([N]), gpu.allocate([N]), gpu.allocate([N])];
	for (const { weight, first, split } of tableParts(head)) {
		const [V, C] = weightShape(weight);
		const type = weightType(weight);
		gpu.record(
			gpu.lanes4 ? joinProgram(type, split) : joinTogetherProgram(type, split),
			[gathered, weight.data, targets, partials, logps, lse, entropy],
			[N, C / 4, spans, ...(split ? [first, V] : [])],
			[gpu.lanes4 ? Math.ceil(N / JOIN_WORKGROUP) : N],
		);
	}
	gpu.free(gathered);
	gpu.free(partials);
	return [logps, lse, entropy];
}

/** Partials [N, spans, 4] of the whole vocabulary; the caller frees them. */
function recordSpans(gathered: TensorInfo, head: Table): { partials: TensorInfo; spans: number } {
	const gpu = recorder();
	const N = axis(gathered, 0);
	const edge = gpu.variants.edgeOf('head', N, ...shapeClass(head));
	const least = spanWidth(tableShape(head)[0]);
	const parts = tableParts(head).map((part) => {
		const [V, C] = weightShape(part.weight);
		const width = edge === null ? least : sharedSpanWidth(least, edge);
		return { ...part, V, C, width, spans: Math.ceil(V / width) };
	});
	const all = parts.reduce((sum, { spans }) => sum + spans, 0);
	const partials = gpu.allocate([N, all, 4]);
	let firstSpan = 0;
	for (const { weight, split, V, C, width, spans } of parts) {
		const type = weightType(weight);
		gpu.record(
			edge === null ? spansProgram(gpu.lanes4, type, split) : sharedSpansProgram(edge, type, split),
			[gathered, weight.data, partials],
			[N, C / 4, V, spans, width, ...(split ? [firstSpan, all] : [])],
			edge === null
				? [Math.ceil(spans / WORKGROUP[0]), Math.ceil(N / tileOf(gpu.lanes4).rows / WORKGROUP[1])]
				: [spans, Math.ceil(N / edge)],
		);
		firstSpan += spans;
	}
	return { partials, spans: all };
}
