/**
 * Gradients of an adapter's matrices: dA += dxaᵀ·x and dB += dyᵀ·xa, sums over all T rows.
 *
 * A thread owns 4 or 8 rows by a quad or two of the result, in two forms. With lanes (SwiftShader) it walks all rows; four neighbours
 * read one row each of what they share and hand it round. On a GPU the threads of a workgroup split the rows into slices and add
 * theirs in the end: eight neighbours own the quads of a line of 128 bytes.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { axis } from '../../op.ts';
import { recorder } from '../../record.ts';
import { slicesMain, slicesMemory, sumOverSlices, type Slices } from '../../slices.ts';
import { handed, LANE, memoized, program, unroll, type Program } from '../../wgsl.ts';
import { coveredRows, inBlock, LORA_UNIFORMS, loraValues } from './blocks.ts';
import { loraWidth, placedBlocks, rankQuads, type LoraSlot } from './lora.ts';

const WORKGROUP = 16;
const SLICES: Slices = { slices: 32, across: 8 };

interface OuterSum {
	/** WGSL: quads from one row of left (right) to the next. */
	left: string;
	right: string;
	/** Quads of p and of q a thread owns. */
	pQuads: number;
	qQuads: number;
	/** WGSL: quads from one row of the result to the next. */
	row: string;
	/** Which side four neighbouring threads share, and read by lanes; null where the rows are split into slices. */
	shared: 'left' | 'right' | null;
}

const AXES = ['x', 'y', 'z', 'w'] as const;
const SIDES = ['left', 'right'] as const;

/** Reads the quads of one side in turn t. What four threads share they read by rows, each thread one of four: m + lane. */
function readSide(sum: OuterSum, side: 'left' | 'right', t: number): string {
	const shares = sum.shared === side;
	const row = sum.shared === null ? 'm' : shares ? 'mine' : `m${t}`;
	const one = (j: number): string => {
		const name = `${side}${j}_${t}`;
		if (!shares) return `let ${name} = ${side}[${row} * ${sum[side]} + ${side}At + ${j}u];`;
		if (t > 0) return `let ${name} = ${handed(t, `${side}${j}_0`)};`;
		return `let ${name} = select(vec4f(), ${side}[${row} * ${sum[side]} + ${side}At + ${j}u], m + lane < u.rows);`;
	};
	return unroll(side === 'left' ? sum.pQuads : sum.qQuads, one, ' ');
}

/**
 * grads[to + p·row + q] += Σ_m left[m, p] · right[m, q].
 *
 * dA: left = dxa (p over rows of A), right = x (q over K). dB: left = dy (p over rows of B), right = xa (q over the block's rank).
 * With lanes the rows m, m + 1, m + 2 and m + 3 are taken in the thread's own order; rows past the end count as zeros.
 */
function outerSum(sum: OuterSum): string {
	const { pQuads, qQuads, row, shared } = sum;
	const turns = Array.from({ length: shared === null ? 1 : 4 }, (_, t) => t);
	const each = (line: (p: number, q: number) => string): string =>
		unroll(4 * pQuads, (p) => unroll(qQuads, (q) => line(p, q), ' '));
	const turn = (t: number): string => {
		const place = shared === null ? '' : `let m${t} = min(m + (lane ^ ${t}u), u.rows - 1u);`;
		return [place, ...SIDES.map((side) => readSide(sum, side, t))].join(' ');
	};
	const added = (p: number, q: number): string =>
		turns.reduce(
			(total, t) => `fma(vec4f(left${p >> 2}_${t}.${AXES[p & 3] ?? 'x'}), right${q}_${t}, ${total})`,
			`s${p}_${q}`,
		);
	const names = Array.from(
		{ length: 4 * pQuads * qQuads },
		(_, n) => `s${Math.floor(n / qQuads)}_${n % qQuads}`,
	);
	const loop =
		shared === null
			? `for (var m = slice; m < u.rows; m += ${SLICES.slices}u) {`
			: 'for (var m = 0u; m < u.rows; m += 4u) { let mine = min(m + lane, u.rows - 1u);';
	return /* wgsl */ `
	${each((p, q) => `var s${p}_${q} = vec4f();`)}
	${loop}
		${turns.map(turn).join('\n')}
		${each((p, q) => `s${p}_${q} = ${added(p, q)};`)}
	}
	${shared === null ? sumOverSlices(SLICES, names) : ''}
	if (inside${shared === null ? ' && slice == 0u' : ''}) {
		${each((p, q) => `grads[to + ${p}u * ${row} + ${q}u] += s${p}_${q};`)}
	}`;
}

/** `fn main` that declares `along` and `beside`: the thread's place on the axis its neighbours lie on, and on the other. */
function gradMain(lanes: boolean, values: number, body: string): string {
	const main = lanes
		? /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u${LANE}) {
	let along = id.x;
	let beside = id.y;`
		: /* wgsl */ `
${slicesMemory(SLICES, values)}
${slicesMain(SLICES)}
	let along = group.x * ${SLICES.across}u + place;
	let beside = group.y;`;
	return `${main}${body}}`;
}

const across = (lanes: boolean): number => (lanes ? WORKGROUP : SLICES.across);

/** Results in blocks of rows of A by quads of K; neighbouring threads lie along K and share dxa. */
const gradAProgram = memoized((pQuads: number, qQuads: number, lanes: boolean): Program => {
	const sum = outerSum({
		left: 'u.xaQuads',
		right: 'u.k',
		pQuads,
		qQuads,
		row: 'u.k',
		shared: lanes ? 'left' : null,
	});
	return program('loraGradA', {
		lanes,
		bindings: [
			['left', 'read', 'vec4f'],
			['right', 'read', 'vec4f'],
			['grads', 'write', 'vec4f'],
		],
		uniforms: [
			['rows', 'u32'],
			['k', 'u32'],
			['xaQuads', 'u32'],
			['aOffset', 'u32'],
		],
		body: gradMain(
			lanes,
			4 * pQuads * qQuads,
			/* wgsl */ `
	let leftAt = beside * ${pQuads}u;
	let rightAt = along * ${qQuads}u;
	let inside = rightAt < u.k;
	let to = u.aOffset + 4u * leftAt * u.k + rightAt;
	${sum}
`,
		),
	});
});

/** Neighbouring threads lie along the rows of B and share xa; with lanes blocks of B start at multiples of 16 rows. */
const gradBProgram = memoized((qQuads: number, lanes: boolean): Program => {
	const within = (i: number): string => `4u * p >= u.b${i} && p < u.b${i} / 4u + u.end${i} - u.start${i}`;
	const sum = outerSum({
		left: 'u.n',
		right: 'u.xaQuads',
		pQuads: 1,
		qQuads,
		row: 'u.rankQuads',
		shared: lanes ? 'right' : null,
	});
	return program('loraGradB', {
		lanes,
		bindings: [
			['left', 'read', 'vec4f'],
			['right', 'read', 'vec4f'],
			['grads', 'write', 'vec4f'],
		],
		uniforms: [['rows', 'u32'], ['n', 'u32'], ['last', 'u32'], ...LORA_UNIFORMS],
		body: gradMain(
			lanes,
			4 * qQuads,
			/* wgsl */ `
	// Threads past the end stay with their neighbours, on the last row.
	let p = min(along, u.last - 1u);
	let inside = along < u.last;
	var leftAt = 0u;
	var rightAt = beside * ${qQuads}u;
	${inBlock(within, (i) => `leftAt = p + u.start${i} - u.b${i} / 4u; rightAt += u.a${i};`)}
	let to = u.bOffset + 4u * p * u.rankQuads + beside * ${qQuads}u;
	${sum}
`,
		),
	});
});

export function recordLoraGrads(
	tensors: Record<'dy' | 'x' | 'xa' | 'dxa' | 'grads', TensorInfo>,
	lora: LoraSlot,
): void {
	const gpu = recorder();
	const { dy, x, xa, dxa, grads } = tensors;
	const [T, K, N, R] = [axis(x, 0), axis(x, 1), axis(dy, 1), loraWidth(lora)];
	const bQuads = coveredRows(lora) / 4;
	const rank = rankQuads(lora.rank);
	// Four threads must lie in one block of B, and rows of y and of B start together only where blocks do.
	const together = gpu.lanes4 && placedBlocks(lora).every(({ bRow }) => bRow % 16 === 0);
	gpu.record(
		gradBProgram(rank, together),
		[dy, xa, grads],
		[T, N / 4, bQuads, ...loraValues(lora)],
		[Math.ceil(bQuads / across(together)), lora.rank / 4 / rank],
	);
	const pQuads = R % 8 === 0 ? 2 : 1;
	// Slices want many workgroups, lanes few reads.
	const qQuads = gpu.lanes4 && K % 8 === 0 ? 2 : 1;
	gpu.record(
		gradAProgram(pQuads, qQuads, gpu.lanes4),
		[dxa, x, grads],
		[T, K / 4, R / 4, lora.aOffset / 4],
		[Math.ceil(K / 4 / qQuads / across(gpu.lanes4)), R / 4 / pQuads],
	);
}
