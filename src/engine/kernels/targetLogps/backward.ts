/**
 * Backward programs of targetLogps.
 *
 * `dlogits` computes tiles of 16 × 8 logits again, turns them into dlogits and stores them, for one chunk of
 * the vocabulary. `dlogitsHead` multiplies them with the same chunk of the head and, from the second chunk
 * on, adds to the rows' gradient. In `scatterRows` a thread owns one quad of channels in a block of rows of
 * dh, clears it and adds, in order, the gradients of the targets in its rows.
 */
import type { Tensor1D, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core';
import { axis } from '../../op.ts';
import { recorder } from '../../gpu/record.ts';
import { shapeClass, tableParts, type Table, type TablePart } from '../../table.ts';
import { weightShape, weightType } from '../../weight.ts';
import { weightQuad, type WeightType } from '../../gpu/weightReads.ts';
import { memoized, program, unroll } from '../../gpu/wgsl.ts';
import { tileEnd, tileNN, tileNT, tileStart } from '../linear/tile.ts';
import { planTiles, tileMain, tileOf } from '../linear/forward.ts';
import { planShared } from '../linear/shared.ts';
import { recordGatherRows } from './forward.ts';
import { dlogitFunction, dlogitsParts, productParts, storeDlogits, storeProduct } from './parts.ts';
import { sharedDlogitsProgram, sharedProductProgram } from './shared.ts';

/**
 * Bytes of one chunk of dlogits; together with the rows and their gradient under 64 MB for 1,024 targets, up
 * to C = 4096.
 */
const CHUNK_BYTES = 16 * 2 ** 20;
/** Rows of dh that a thread of scatterRows owns. */
const SCATTER_ROWS = 64;
const SCATTER_WORKGROUP = 32;
/** Targets looked up together, so that their reads overlap. */
const SCATTER_TURNS = 4;

/** Columns of a chunk: the whole vocabulary if it fits, otherwise a power of 2. */
export function planChunks(N: number, V: number): { width: number; chunks: number } {
	const most = Math.max(8, 2 ** Math.floor(Math.log2(CHUNK_BYTES / 4 / N)));
	const width = Math.min(most, Math.ceil(V / 8) * 8);
	return { width, chunks: Math.ceil(V / width) };
}

const dlogitsProgram = memoized((lanes: boolean, type: WeightType, split: boolean) => {
	const tile = tileOf(lanes);
	const main = tileMain(
		tile,
		/* wgsl */ `
	${tileStart(tile)}
	${tileNT(
		tile,
		{ name: 'h', base: 'm0 * u.c', stride: 'u.c' },
		{ name: 'head', base: '(u.start + 4u * n0) * u.c', stride: 'u.c', quad: weightQuad('head', type) },
		'u.c',
	)}
	${tileEnd(tile, 'u.width', storeDlogits)}`,
	);
	return program('dlogits', { lanes, ...dlogitsParts(type, split), body: `${dlogitFunction(split)}${main}` });
});

const productProgram = memoized((lanes: boolean, type: WeightType, split: boolean) => {
	const tile = tileOf(lanes);
	return program('dlogitsHead', {
		lanes,
		...productParts(type, split),
		body: tileMain(
			tile,
			/* wgsl */ `
	${tileStart(tile)}
	${tileNN(
		tile,
		{ name: 'dlogits', base: 'm0 * u.width', stride: 'u.width' },
		{ name: 'head', base: 'u.start * u.c + n0', stride: 'u.c', quad: weightQuad('head', type) },
		'u.quads',
	)}
	${tileEnd(tile, 'u.c', storeProduct(split))}`,
		),
	});
});

const scatterProgram = memoized(() => {
	const find = (i: number): string =>
		`let n${i} = min(n + ${i}u, u.targetCount - 1u); let t${i} = u32(rows[n${i}]); let wanted${i} = targets[n${i}] >= 0 && n + ${i}u < u.targetCount;`;
	const add = (i: number): string =>
		`if (t${i} >= first && t${i} < end && wanted${i}) { dh[t${i} * u.quads + id.x] += dRows[n${i} * u.quads + id.x]; }`;
	return program('scatterRows', {
		bindings: [
			['dRows', 'read', 'vec4f'],
			['rows', 'read', 'i32'],
			['targets', 'read', 'i32'],
			['dh', 'write', 'vec4f'],
		],
		uniforms: [
			['targetCount', 'u32'],
			['rowCount', 'u32'],
			['quads', 'u32'],
		],
		body: /* wgsl */ `
@compute @workgroup_size(${SCATTER_WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	if (id.x >= u.quads) { return; }
	let first = id.y * ${SCATTER_ROWS}u;
	let end = min(first + ${SCATTER_ROWS}u, u.rowCount);
	for (var t = first; t < end; t++) { dh[t * u.quads + id.x] = vec4f(); }
	for (var n = 0u; n < u.targetCount; n += ${SCATTER_TURNS}u) {
		${unroll(SCATTER_TURNS, find)}
		${unroll(SCATTER_TURNS, add)}
	}
}`,
	});
});

/**
 * Records the gradient with respect to the logits [N, width] of the chunk of a part of the vocabulary that starts
 * at the part's row `start`.
 */
export function recordDlogits(
	tensors: Record<'gathered' | 'targets' | 'lse' | 'dlogps' | 'dlogits', TensorInfo>,
	{ weight, first, split }: TablePart,
	start: number,
): void {
	const gpu = recorder();
	const { gathered, targets, lse, dlogps, dlogits } = tensors;
	const [V, C] = weightShape(weight);
	const [N, width] = [axis(dlogits, 0), axis(dlogits, 1)];
	const edge = gpu.variants.edgeOf('dlogits', N, V, C);
	const type = weightType(weight);
	gpu.record(
		edge === null ? dlogitsProgram(gpu.lanes4, type, split) : sharedDlogitsProgram(edge, type, split),
		[gathered, weight.data, targets, lse, dlogps, dlogits],
		[N, start, C / 4, V, width / 4, ...(split ? [first] : [])],
		edge === null ? planTiles(N, width / 4, tileOf(gpu.lanes4)) : planShared(N, width / 4, edge),
	);
}

/**
 * Records the product of dlogits with the chunk's rows of that part into `dRows` [N, C]; adds from the second
 * chunk on.
 */
export function recordDlogitsHead(
	{ dlogits, dRows }: Record<'dlogits' | 'dRows', TensorInfo>,
	{ weight, first, split }: TablePart,
	start: number,
): void {
	const gpu = recorder();
	const [V, C] = weightShape(weight);
	const [N, width] = [axis(dlogits, 0), axis(dlogits, 1)];
	const edge = gpu.variants.edgeOf('headGrad', N, C, V);
	const type = weightType(weight);
	gpu.record(
		edge === null ? productProgram(gpu.lanes4, type, split) : sharedProductProgram(edge, type, split),
		[dlogits, weight.data, dRows],
		[N, start, Math.ceil(Math.min(width, V - start) / 4), C / 4, width / 4, ...(split ? [first] : [])],
		edge === null ? planTiles(N, C / 4, tileOf(gpu.lanes4)) : planShared(N, C / 4, edge),
	);
}

/** @returns dh */
export function recordTargetLogpsGrad(
	inputs: Record<'dlogps' | 'lse' | 'rows' | 'targets', Tensor1D> & { h: Tensor2D },
	head: Table,
): TensorInfo[] {
	const gpu = recorder();
	const { dlogps, lse, rows, targets, h } = inputs;
	// The first part is the largest.
	const [V, C] = shapeClass(head);
	const [N, T] = [axis(rows, 0), axis(h, 0)];
	const { width } = planChunks(N, V);
	const gathered = recordGatherRows(h, rows);
	const dlogits = gpu.allocate([N, width]);
	const dRows = gpu.allocate([N, C]);
	for (const part of tableParts(head)) {
		for (let start = 0; start < weightShape(part.weight)[0]; start += width) {
			recordDlogits({ gathered, targets, lse, dlogps, dlogits }, part, start);
			recordDlogitsHead({ dlogits, dRows }, part, start);
		}
	}
	gpu.free(gathered);
	gpu.free(dlogits);
	const dh = gpu.allocate([T, C]);
	gpu.record(
		scatterProgram(),
		[dRows, rows, targets, dh],
		[N, T, C / 4],
		[Math.ceil(C / 4 / SCATTER_WORKGROUP), Math.ceil(T / SCATTER_ROWS)],
	);
	gpu.free(dRows);
	return [dh];
}
