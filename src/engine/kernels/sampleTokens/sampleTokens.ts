/**
 * Samples the next token of every row on the device, so that the next step can be recorded before the host
 * reads the token.
 *
 *   w_i = e^((z_i − max z)/T);  temperature 0: the first largest z
 *   top-p ≥ 1: the first id with Σ_{j ≤ i} w_j > draw·Σw
 *   top-p < 1: the same over the kept tokens by falling weight; kept are the fewest with weights Σ ≥ p·Σw
 *
 * The host supplies the draws, so an answer uses the seed's stream on every device. No sorting is needed:
 * weights are positive floats, whose bit patterns sort like their values, so the smallest kept weight and the
 * drawn weight are found bit by bit, with 30 sums each; the index decides between equal weights. Sums are
 * f32: a draw within 1e-6 of a boundary may fall on its other side.
 *
 * Grid: one workgroup per row; a thread owns a run of neighbouring ids. Traffic: the row read twice; with
 * top-p < 1 written once and read 62 times more, from cache.
 *
 * @reference sampleTokens.reference.ts (f64) · tests/gpu/sampleTokens.test.ts
 */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { axis, defineOp, expectShape } from '../../op.ts';
import { recorder } from '../../gpu/record.ts';
import { memoized, program } from '../../gpu/wgsl.ts';
import { sampleTokensStock } from './sampleTokens.stock.ts';
import type { SampleState } from './state.ts';

export type { SampleState } from './state.ts';

/** Threads per row: WebGPU's default limit if the vocabulary is large. */
function threadsFor(vocabulary: number): number {
	return vocabulary >= 16_384 ? 256 : 64;
}

/** Sums over the workgroup in the order of the threads; `before[t]` is the sum over the threads before t. */
const REDUCE = (threads: number): string => /* wgsl */ `
var<workgroup> parts : array<f32, ${threads}>;
var<workgroup> places : array<u32, ${threads}>;
var<workgroup> before : array<f32, ${threads + 1}>;
var<workgroup> whole : f32;
var<workgroup> picked : u32;
var<private> first : u32;
var<private> end : u32;
var<private> thread : u32;

fn reduce(mine : f32) -> f32 {
	parts[thread] = mine;
	workgroupBarrier();
	if (thread == 0u) {
		var sum = 0.0;
		for (var t = 0u; t < ${threads}u; t++) { before[t] = sum; sum += parts[t]; }
		before[${threads}] = sum;
		whole = sum;
	}
	return workgroupUniformLoad(&whole);
}

fn reducePlace(value : f32, place : u32) {
	parts[thread] = value;
	places[thread] = place;
	workgroupBarrier();
	if (thread == 0u) {
		var best = 0u;
		for (var t = 1u; t < ${threads}u; t++) { if (parts[t] > parts[best]) { best = t; } }
		whole = parts[best];
		picked = places[best];
	}
}

// Sum of the weights whose bits are at least these.
fn massFrom(bits : u32) -> f32 {
	var sum = 0.0;
	for (var i = first; i < end; i++) {
		let w = logits[i];
		if (bitcast<u32>(w) >= bits) { sum += w; }
	}
	return reduce(sum);
}
`;

/** Weights are at most 1, whose bit pattern is 0x3f800000, so 30 bits distinguish them. */
const DRAW = /* wgsl */ `
fn drawAmongAll(mass : f32, largest : f32, temperature : f32) {
	if (mass < before[thread] || mass >= before[thread + 1u]) { return; }
	var rest = mass - before[thread];
	for (var i = first; i < end; i++) {
		let w = exp((logits[i] - largest) / temperature);
		// Where rounding leaves a rest, the last token that has any weight takes it.
		if (w > 0.0) { picked = i - u.vocab * row; }
		rest -= w;
		if (rest < 0.0) { return; }
	}
}

fn drawAmongKept(goal : f32, draw : f32) {
	var least = 0u;
	for (var bit = 0u; bit < 30u; bit++) {
		let candidate = least | (0x20000000u >> bit);
		if (massFrom(candidate) >= goal) { least = candidate; }
	}
	let smallest = bitcast<f32>(least);
	let above = massFrom(least + 1u);
	// Of equal weights at the edge only the first are kept.
	let edge = max(1.0, ceil((goal - above) / smallest));
	let mass = draw * (above + edge * smallest);
	var drawn = 0u;
	for (var bit = 0u; bit < 30u; bit++) {
		let candidate = drawn | (0x20000000u >> bit);
		if (massFrom(candidate) > mass) { drawn = candidate; }
	}
	drawn = max(drawn, least);
	let heavier = massFrom(drawn + 1u);
	var equal = 0.0;
	for (var i = first; i < end; i++) { if (bitcast<u32>(logits[i]) == drawn) { equal += 1.0; } }
	let ties = reduce(equal);
	let most = select(ties, min(ties, edge), drawn == least);
	let nth = clamp(floor((mass - heavier) / bitcast<f32>(drawn)), 0.0, most - 1.0);
	if (nth < before[thread] || nth >= before[thread + 1u]) { return; }
	var left = nth - before[thread];
	for (var i = first; i < end; i++) {
		if (bitcast<u32>(logits[i]) != drawn) { continue; }
		if (left < 0.5) { picked = i - u.vocab * row; return; }
		left -= 1.0;
	}
}
`;

const sampleProgram = memoized((threads: number) =>
	program('sampleTokens', {
		bindings: [
			['logits', 'write', 'f32'],
			['settings', 'read', 'vec2f'],
			['draws', 'read', 'f32'],
			['ids', 'write', 'i32'],
			['positions', 'write', 'i32'],
			['history', 'write', 'i32'],
		],
		uniforms: [
			['rows', 'u32'],
			['vocab', 'u32'],
			['step', 'u32'],
		],
		body: /* wgsl */ `
var<private> row : u32;
${REDUCE(threads)}
${DRAW}
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group : vec3u, @builtin(local_invocation_id) local : vec3u) {
	row = group.x;
	thread = local.x;
	let run = (u.vocab + ${threads - 1}u) / ${threads}u;
	first = u.vocab * row + min(u.vocab, thread * run);
	end = min(first + run, u.vocab * (row + 1u));
	var value = -3.4e38;
	var place = 0u;
	for (var i = first; i < end; i++) {
		let z = logits[i];
		if (z > value) { value = z; place = i - u.vocab * row; }
	}
	reducePlace(value, place);
	let largest = workgroupUniformLoad(&whole);
	let temperature = settings[group.x].x;
	let topP = settings[group.x].y;
	if (temperature > 0.0) {
		var sum = 0.0;
		for (var i = first; i < end; i++) {
			let w = exp((logits[i] - largest) / temperature);
			sum += w;
			// Kept, so that every later pass finds the same bits.
			if (topP < 1.0) { logits[i] = w; }
		}
		let total = reduce(sum);
		let draw = draws[u.step * u.rows + group.x];
		if (topP >= 1.0) { drawAmongAll(draw * total, largest, temperature); } else { drawAmongKept(topP * total, draw); }
		workgroupBarrier();
	}
	if (thread > 0u) { return; }
	ids[row] = i32(picked);
	positions[row] += 1;
	history[u.step * u.rows + row] = i32(picked);
}`,
	}),
);

const op = defineOp<
	{ logits: Tensor2D } & { [Name in keyof SampleState]: SampleState[Name] },
	{ step: number }
>('AnchorageSampleTokens', {
	webgpu: ({ logits, ids, positions, settings, draws, history }, { step }) => {
		const [B, V] = [axis(ids, 0), axis(logits, 1)];
		recorder().record(
			sampleProgram(threadsFor(V)),
			[logits, settings, draws, ids, positions, history],
			[B, V, step],
			[B],
		);
		return [];
	},
	stock: ({ logits, ...state }, { step }) => {
		sampleTokensStock(logits, state, step);
		return [];
	},
});

/**
 * Samples one token per row and writes it, its position and row `step` of the history.
 *
 * @param logits [B, V]; overwritten, with undefined contents afterwards
 * @param step   row of the draws to use, from 0
 * @throws       ShapeError
 */
export function sampleTokens(logits: Tensor2D, state: SampleState, step: number): void {
	const B = axis(logits, 0);
	const steps = axis(state.draws, 0);
	expectShape('sampleTokens', 'ids', state.ids, [B]);
	expectShape('sampleTokens', 'positions', state.positions, [B]);
	expectShape('sampleTokens', 'settings', state.settings, [B, 2]);
	expectShape('sampleTokens', 'draws', state.draws, [Math.max(steps, step + 1), B]);
	expectShape('sampleTokens', 'history', state.history, [steps, B]);
	op({ logits, ...state }, { step });
}
