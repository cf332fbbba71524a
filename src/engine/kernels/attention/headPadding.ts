/**
 * Head sizes that are not multiples of 8, for the GPU: attention's programs read four channels at once and
 * rotate channel i with channel i + D/2. Before them, each half of a head is padded with zeros to a multiple of
 * 4; afterwards the padding is taken out again. Zeros add nothing to a dot product, stay zero in the rotation and
 * in every weighted sum, so the results are the same; only 1/√D must keep the true D.
 *
 * Grid: one thread per float of the result; x runs over a row, y over rows. Traffic: input and result, once.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { recorder } from '../../gpu/record.ts';
import { memoized, program, type Program } from '../../gpu/wgsl.ts';
import { axis } from '../../op.ts';

const WORKGROUP = 64;

/** Channels of a padded head. */
export const paddedSize = (headSize: number): number => 2 * 4 * Math.ceil(headSize / 8);

/** Halves of heads are copied from rows of one width to rows of another, floats past the shorter one dropped. */
const copyProgram = memoized((): Program =>
	program('copyHalves', {
		bindings: [
			['x', 'read', 'f32'],
			['y', 'write', 'f32'],
		],
		uniforms: [
			['before', 'u32'],
			['after', 'u32'],
			['halves', 'u32'],
		],
		body: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	if (id.x >= u.halves * u.after) { return; }
	let part = id.x / u.after;
	let i = id.x % u.after;
	var value = 0.0;
	if (i < u.before) { value = x[(id.y * u.halves + part) * u.before + i]; }
	y[id.y * u.halves * u.after + id.x] = value;
}`,
	}),
);

/** @param x [rows, heads·from] @returns [rows, heads·to], owned by the caller */
function copyHeads(x: TensorInfo, from: number, to: number): TensorInfo {
	const gpu = recorder();
	const rows = axis(x, 0);
	const heads = axis(x, 1) / from;
	const y = gpu.allocate([rows, heads * to]);
	const groups = Math.ceil((heads * to) / WORKGROUP);
	gpu.record(copyProgram(), [x, y], [from / 2, to / 2, 2 * heads], [groups, rows]);
	return y;
}

/** @param x [rows, heads·D] @returns [rows, heads·D′], owned by the caller */
export function padHeads(x: TensorInfo, headSize: number): TensorInfo {
	return copyHeads(x, headSize, paddedSize(headSize));
}

/** Inverse of {@link padHeads}; frees `x`. */
export function unpadHeads(x: TensorInfo, headSize: number): TensorInfo {
	const y = copyHeads(x, paddedSize(headSize), headSize);
	recorder().free(x);
	return y;
}
