/**
 * The head's products over workgroup-memory tiles (see linear/sharedTile.ts), for real GPUs. Operands,
 * uniforms and results match the programs in forward.ts and backward.ts.
 *
 * `logitSpans`: a workgroup walks its span tile by tile. Each thread reduces its own columns into a running
 * (maximum, Σ e^, Σ e^·logit) per row; at the end of the span the threads of a row join theirs through
 * workgroup memory.
 */
import { weightQuad, type WeightType } from '../../gpu/weightReads.ts';
import { memoized, program, unroll, type Program } from '../../gpu/wgsl.ts';
import {
	sharedEnd,
	sharedMain,
	sharedStart,
	sharedSum,
	sharedTile,
	type Edge,
	type SharedOperand,
	type SharedTile,
} from '../linear/sharedTile.ts';
import {
	dlogitFunction,
	dlogitsParts,
	partialAt,
	productParts,
	spansParts,
	storeDlogits,
	storeProduct,
} from './parts.ts';

const HIDDEN: SharedOperand = { quad: (at) => `h[${at}]`, base: 'mTile * u.c', stride: 'u.c', along: 'k' };
const headOf = (type: WeightType) => ({ quad: weightQuad('head', type), stride: 'u.c' });

/** Columns of a span: whole tiles. */
export function sharedSpanWidth(least: number, edge: Edge): number {
	return Math.ceil(least / edge) * edge;
}

/** Adds a thread's logits of row i to its running sums; columns past the vocabulary are ignored. */
function reduceRow({ quads }: SharedTile, i: number): string {
	const most = (j: number): string =>
		`let m${j} = max(l${j}.xy, l${j}.zw); let most${j} = max(m${j}.x, m${j}.y);`;
	return /* wgsl */ `{
			${unroll(quads, (j) => `let l${j} = select(vec4f(-3.0e38), c${i}_${j}, known${j});`)}
			${unroll(quads, most)}
			let next = ${unroll(quads, (j) => `max(most${j}, `, '')}s${i}.x${')'.repeat(quads)};
			let shrink = exp(s${i}.x - next);
			// A thread without any column of the vocabulary would else count e^0.
			${unroll(quads, (j) => `let e${j} = select(vec4f(), exp(l${j} - next), known${j});`)}
			s${i} = vec3f(
				next,
				s${i}.y * shrink + ${unroll(quads, (j) => `dot(e${j}, vec4f(1.0))`, ' + ')},
				s${i}.z * shrink + ${unroll(quads, (j) => `dot(e${j}, l${j})`, ' + ')},
			);
		}`;
}

/** Joins the sums of the threads of a row, one row of every thread at a time. */
function joinRows({ rows, across }: SharedTile, split: boolean): string {
	return unroll(
		rows,
		(i) => /* wgsl */ `
	tiles[thread] = vec4f(s${i}, 0.0);
	workgroupBarrier();
	if (nThread == 0u && m0 + ${i}u < u.rows) {
		var all = tiles[thread].xyz;
		for (var t = 1u; t < ${across}u; t++) {
			let other = tiles[thread + t].xyz;
			let largest = max(all.x, other.x);
			let a = exp(all.x - largest);
			let b = exp(other.x - largest);
			all = vec3f(largest, all.y * a + other.y * b, all.z * a + other.z * b);
		}
		partials[${partialAt(`(m0 + ${i}u)`, 'group.x', split)}] = vec4f(all, 0.0);
	}
	workgroupBarrier();`,
	);
}

export const sharedSpansProgram = memoized((edge: Edge, head: WeightType, split: boolean): Program => {
	const tile = sharedTile(edge, { lone: true });
	const { rows, quads, across } = tile;
	const column = (j: number): string => `v + 4u * (nThread + ${j * across}u)`;
	return program(`logitSpansShared${edge}`, {
		...spansParts(head, split),
		body: sharedMain(
			tile,
			/* wgsl */ `
	${unroll(rows, (i) => `var s${i} = vec3f(-3.0e38, 0.0, 0.0);`, ' ')}
	for (var step = 0u; step < u.width; step += ${edge}u) {
		let v = group.x * u.width + step;
		if (v >= u.v) { break; }
		${sharedStart(tile)}
		${sharedSum(tile, [{ a: HIDDEN, b: { ...headOf(head), base: 'v * u.c', along: 'k' }, depth: 'u.c' }])}
		${unroll(quads, (j) => `let known${j} = vec4u(${column(j)}) + vec4u(0u, 1u, 2u, 3u) < vec4u(u.v);`)}
		${unroll(rows, (i) => reduceRow(tile, i))}
	}
	${joinRows(tile, split)}`,
		),
	});
});

export const sharedDlogitsProgram = memoized((edge: Edge, head: WeightType, split: boolean): Program => {
	const tile = sharedTile(edge);
	const b: SharedOperand = { ...headOf(head), base: '(u.start + 4u * nTile) * u.c', along: 'k' };
	return program(`dlogitsShared${edge}`, {
		...dlogitsParts(head, split),
		body: /* wgsl */ `${dlogitFunction(split)}${sharedMain(
			tile,
			/* wgsl */ `
	${sharedStart(tile)}
	${sharedSum(tile, [{ a: HIDDEN, b, depth: 'u.c' }])}
	${sharedEnd(tile, 'u.width', storeDlogits)}`,
		)}`,
	});
});

export const sharedProductProgram = memoized((edge: Edge, head: WeightType, split: boolean): Program => {
	const tile = sharedTile(edge);
	const a: SharedOperand = {
		quad: (at) => `dlogits[${at}]`,
		base: 'mTile * u.width',
		stride: 'u.width',
		along: 'k',
	};
	const b: SharedOperand = { ...headOf(head), base: 'u.start * u.c + nTile', along: 'columns' };
	return program(`dlogitsHeadShared${edge}`, {
		...productParts(head, split),
		body: sharedMain(
			tile,
			/* wgsl */ `
	${sharedStart(tile)}
	${sharedSum(tile, [{ a, b, depth: 'u.quads' }])}
	${sharedEnd(tile, 'u.c', storeProduct(split))}`,
		),
	});
});
