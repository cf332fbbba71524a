/**
 * Cached attention for heads of any even size, one channel at a time: the slower twin of decodeAttention.ts's
 * program, which reads four channels at once. Same bindings, uniforms, grid and results.
 */
import { memoized, program, type Binding, type BindingType, type Uniform } from '../../gpu/wgsl.ts';

export const WORKGROUP = 64;

/** @param element type of the numbers: one or four channels */
export function attendBindings(element: BindingType): readonly Binding[] {
	return [
		['qkv', 'read', element],
		['rope', 'read', element],
		['positions', 'read', 'i32'],
		['sequences', 'read', 'i32'],
		['k', 'write', element],
		['v', 'write', element],
		['o', 'write', element],
	];
}

export const ATTEND_UNIFORMS: readonly Uniform[] = [
	['rows', 'u32'],
	['heads', 'u32'],
	['kvHeads', 'u32'],
	['width', 'u32'],
	['capacity', 'u32'],
	['scale', 'f32'],
];

export const anySizeProgram = memoized((D: number) =>
	program('decodeAttentionAnySize', {
		bindings: attendBindings('f32'),
		uniforms: ATTEND_UNIFORMS,
		body: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	let row = id.x / u.heads;
	let head = id.x % u.heads;
	if (row >= u.rows) { return; }
	let to = id.x * ${D}u;
	let sequence = sequences[row];
	let position = u32(positions[row]);
	if (sequence < 0 || position >= u.capacity) {
		for (var c = 0u; c < ${D}u; c++) { o[to + c] = 0.0; }
		return;
	}
	let group = head * u.kvHeads / u.heads;
	let stride = u.kvHeads * ${D}u;
	let first = u32(sequence) * u.capacity * stride + group * ${D}u;
	let qAt = row * u.width + head * ${D}u;
	let kAt = row * u.width + (u.heads + group) * ${D}u;
	let vAt = kAt + stride;
	let turn = position * ${D}u;
	var q : array<f32, ${D}>;
	var own : array<f32, ${D}>;
	var sum : array<f32, ${D}>;
	var largest = 0.0;
	for (var c = 0u; c < ${D / 2}u; c++) {
		let d = c + ${D / 2}u;
		let cosine = rope[turn + c];
		let sine = rope[turn + d];
		q[c] = (qkv[qAt + c] * cosine - qkv[qAt + d] * sine) * u.scale;
		q[d] = (qkv[qAt + d] * cosine + qkv[qAt + c] * sine) * u.scale;
		own[c] = qkv[kAt + c] * cosine - qkv[kAt + d] * sine;
		own[d] = qkv[kAt + d] * cosine + qkv[kAt + c] * sine;
		largest += q[c] * own[c] + q[d] * own[d];
	}
	for (var c = 0u; c < ${D}u; c++) { sum[c] = qkv[vAt + c]; }
	// The first head of a group writes the row's key and value; every head of the group has them.
	if (head == 0u || (head - 1u) * u.kvHeads / u.heads != group) {
		let slot = first + position * stride;
		for (var c = 0u; c < ${D}u; c++) { k[slot + c] = own[c]; v[slot + c] = sum[c]; }
	}
	var total = 1.0;
	for (var j = 0u; j < position; j++) {
		let key = first + j * stride;
		var s = 0.0;
		for (var c = 0u; c < ${D}u; c++) { s += q[c] * k[key + c]; }
		let next = max(largest, s);
		let shrink = exp(largest - next);
		let p = exp(s - next);
		total = total * shrink + p;
		largest = next;
		for (var c = 0u; c < ${D}u; c++) { sum[c] = sum[c] * shrink + p * v[key + c]; }
	}
	for (var c = 0u; c < ${D}u; c++) { o[to + c] = sum[c] / total; }
}`,
	}),
);
