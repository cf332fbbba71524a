/**
 * Gradients of an adapter's matrices: dA += dxaᵀ·x and dB += dyᵀ·xa, sums over all T rows (see outerSum.ts).
 *
 * With lanes each has a dispatch of its own. On a GPU both share one dispatch of workgroups of 256, since
 * either alone leaves most of the device idle: on an H200 at T = 1,024, C = 576 and rank 8, one thread per 8
 * × 8 results took 480 µs for each, slices 23 µs for each.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { axis } from '../../op.ts';
import { recorder } from '../../gpu/record.ts';
import { slicesMain, slicesMemory } from '../../gpu/slices.ts';
import { LANE, memoized, program, type Program } from '../../gpu/wgsl.ts';
import { coveredRows, inBlock, LORA_UNIFORMS, loraValues } from './blocks.ts';
import { loraWidth, placedBlocks, rankQuads, type LoraSlot } from './lora.ts';
import { OUTER_SLICES, outerSum, outerValues, type OuterSum } from './outerSum.ts';

const WORKGROUP = 16;

/** Results in blocks of rows of A by quads of K; neighbouring threads are adjacent along K and share dxa. */
function sumA(pQuads: number, qQuads: number, shared: 'left' | null): OuterSum {
	return {
		left: { name: 'dxa', at: 'leftAt', stride: 'u.xaQuads', quads: pQuads },
		right: { name: 'x', at: 'rightAt', stride: 'u.k', quads: qQuads },
		row: 'u.k',
		shared,
	};
}

/**
 * Computes offsets from `along` and `beside`, the thread's indices on the axis of its neighbours and on the
 * other axis.
 */
function bodyOfA(sum: OuterSum): string {
	return /* wgsl */ `
	let leftAt = beside * ${sum.left.quads}u;
	let rightAt = along * ${sum.right.quads}u;
	let inside = rightAt < u.k;
	let to = u.aOffset + 4u * leftAt * u.k + rightAt;
	${outerSum(sum)}`;
}

/**
 * Results in rows of B by quads of the rank; neighbouring threads are adjacent along the rows of B and share
 * xa.
 */
function sumB(qQuads: number, shared: 'right' | null): OuterSum {
	return {
		left: { name: 'dy', at: 'leftAt', stride: 'u.n', quads: 1 },
		right: { name: 'xa', at: 'rightAt', stride: 'u.xaQuads', quads: qQuads },
		row: 'u.rankQuads',
		shared,
	};
}

function bodyOfB(sum: OuterSum): string {
	const { quads } = sum.right;
	const within = (i: number): string => `4u * p >= u.b${i} && p < u.b${i} / 4u + u.end${i} - u.start${i}`;
	return /* wgsl */ `
	// Threads past the end stay with their neighbours, on the last row.
	let p = min(along, u.last - 1u);
	let inside = along < u.last;
	var leftAt = 0u;
	var rightAt = beside * ${quads}u;
	${inBlock(within, (i) => `leftAt = p + u.start${i} - u.b${i} / 4u; rightAt += u.a${i};`)}
	let to = u.bOffset + 4u * p * u.rankQuads + beside * ${quads}u;
	${outerSum(sum)}`;
}

const laneMain = (body: string): string => /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u${LANE}) {
	let along = id.x;
	let beside = id.y;
	${body}
}`;

const laneAProgram = memoized((pQuads: number, qQuads: number): Program =>
	program('loraGradA', {
		lanes: true,
		bindings: [
			['dxa', 'read', 'vec4f'],
			['x', 'read', 'vec4f'],
			['grads', 'write', 'vec4f'],
		],
		uniforms: [
			['rows', 'u32'],
			['k', 'u32'],
			['xaQuads', 'u32'],
			['aOffset', 'u32'],
		],
		body: laneMain(bodyOfA(sumA(pQuads, qQuads, 'left'))),
	}),
);

/** Blocks of B must start at multiples of 16 rows. */
const laneBProgram = memoized((qQuads: number): Program =>
	program('loraGradB', {
		lanes: true,
		bindings: [
			['dy', 'read', 'vec4f'],
			['xa', 'read', 'vec4f'],
			['grads', 'write', 'vec4f'],
		],
		uniforms: [['rows', 'u32'], ['n', 'u32'], ['last', 'u32'], ...LORA_UNIFORMS],
		body: laneMain(bodyOfB(sumB(qQuads, 'right'))),
	}),
);

/**
 * The first workgroups compute dB, the others dA; `…Across` is the number of workgroups in a line of each.
 */
const slicedProgram = memoized((pQuads: number, rank: number): Program => {
	const [a, b] = [sumA(pQuads, 1, null), sumB(rank, null)];
	const part = (first: string, across: string, body: string): string => /* wgsl */ `{
		let n = group.x - ${first};
		let along = n % ${across} * ${OUTER_SLICES.across}u + place;
		let beside = n / ${across};
		${body}
	}`;
	return program('loraGrad', {
		bindings: [
			['dxa', 'read', 'vec4f'],
			['x', 'read', 'vec4f'],
			['dy', 'read', 'vec4f'],
			['xa', 'read', 'vec4f'],
			['grads', 'write', 'vec4f'],
		],
		uniforms: [
			['rows', 'u32'],
			['k', 'u32'],
			['n', 'u32'],
			['aOffset', 'u32'],
			['last', 'u32'],
			['bGroups', 'u32'],
			['aAcross', 'u32'],
			['bAcross', 'u32'],
			...LORA_UNIFORMS,
		],
		body: /* wgsl */ `
${slicesMemory(OUTER_SLICES, Math.max(outerValues(a), outerValues(b)))}
${slicesMain(OUTER_SLICES)}
	if (group.x < u.bGroups) ${part('0u', 'u.bAcross', bodyOfB(b))}
	else ${part('u.bGroups', 'u.aAcross', bodyOfA(a))}
}`,
	});
});

type GradTensors = Record<'dy' | 'x' | 'xa' | 'dxa' | 'grads', TensorInfo>;

export function recordLoraGrads(tensors: GradTensors, lora: LoraSlot): void {
	// Four threads must be in one block of B, and rows of y and of B start together only at the start of a
	// block.
	const together = placedBlocks(lora).every(({ bRow }) => bRow % 16 === 0);
	if (recorder().lanes4 && together) recordWithLanes(tensors, lora);
	else recordSliced(tensors, lora);
}

function recordWithLanes({ dy, x, xa, dxa, grads }: GradTensors, lora: LoraSlot): void {
	const gpu = recorder();
	const [T, K, N, R] = [axis(x, 0), axis(x, 1), axis(dy, 1), loraWidth(lora)];
	const bQuads = coveredRows(lora) / 4;
	const rank = rankQuads(lora.rank);
	gpu.record(
		laneBProgram(rank),
		[dy, xa, grads],
		[T, N / 4, bQuads, ...loraValues(lora)],
		[Math.ceil(bQuads / WORKGROUP), lora.rank / 4 / rank],
	);
	const [pQuads, qQuads] = [R % 8 === 0 ? 2 : 1, K % 8 === 0 ? 2 : 1];
	gpu.record(
		laneAProgram(pQuads, qQuads),
		[dxa, x, grads],
		[T, K / 4, R / 4, lora.aOffset / 4],
		[Math.ceil(K / 4 / qQuads / WORKGROUP), R / 4 / pQuads],
	);
}

function recordSliced({ dy, x, xa, dxa, grads }: GradTensors, lora: LoraSlot): void {
	const [T, K, N, R] = [axis(x, 0), axis(x, 1), axis(dy, 1), loraWidth(lora)];
	const bQuads = coveredRows(lora) / 4;
	const rank = rankQuads(lora.rank);
	const pQuads = R % 8 === 0 ? 2 : 1;
	const [aAcross, bAcross] = [K / 4, bQuads].map((quads) => Math.ceil(quads / OUTER_SLICES.across)) as [
		number,
		number,
	];
	const bGroups = (bAcross * lora.rank) / 4 / rank;
	recorder().record(
		slicedProgram(pQuads, rank),
		[dxa, x, dy, xa, grads],
		[T, K / 4, N / 4, lora.aOffset / 4, bQuads, bGroups, aAcross, bAcross, ...loraValues(lora)],
		[bGroups + (aAcross * R) / 4 / pQuads],
	);
}
