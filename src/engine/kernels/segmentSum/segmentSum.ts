/**
 * Sum of values by segment, and its gradient (a gather).
 *
 *   sums[s] = Σ_{n : segment[n] = s} values[n]        dvalues[n] = dsums[segment[n]]
 *
 * It turns token log-probabilities into sequence log-probabilities. Grid: one workgroup per segment, whose
 * threads read all N segments in slices (with one thread per segment it took 105 µs for N = 832 on an H200).
 * N and the number of segments are small compared with the matmuls. The order of summation is fixed, so a run
 * repeats bit for bit.
 *
 * @reference segmentSum.reference.ts (f64) · tests/gpu/segmentSum.test.ts
 */
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { axis, defineOp, expectShape, output1D } from '../../op.ts';
import { recorder } from '../../gpu/record.ts';
import { slicesMain, slicesMemory, sumOverSlices, type Slices } from '../../gpu/slices.ts';
import { memoized, program } from '../../gpu/wgsl.ts';
import { segmentGatherStock, segmentSumStock } from './segmentSum.stock.ts';

const WORKGROUP = 64;
const SLICES: Slices = { slices: WORKGROUP, across: 1 };

const sumProgram = memoized(() =>
	program('segmentSum', {
		bindings: [
			['values', 'read', 'f32'],
			['segment', 'read', 'i32'],
			['sums', 'write', 'f32'],
		],
		uniforms: [['values', 'u32']],
		body: /* wgsl */ `
${slicesMemory(SLICES, 1)}
${slicesMain(SLICES)}
	var sum = vec4f();
	for (var n = slice; n < u.values; n += ${SLICES.slices}u) {
		sum.x += select(0.0, values[n], segment[n] == i32(group.x));
	}
	${sumOverSlices(SLICES, ['sum'])}
	if (slice == 0u) { sums[group.x] = sum.x; }
}`,
	}),
);

const gatherProgram = memoized(() =>
	program('segmentGather', {
		bindings: [
			['dsums', 'read', 'f32'],
			['segment', 'read', 'i32'],
			['dvalues', 'write', 'f32'],
		],
		uniforms: [
			['values', 'u32'],
			['segments', 'u32'],
		],
		body: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	if (id.x >= u.values) { return; }
	let s = segment[id.x];
	dvalues[id.x] = select(0.0, dsums[max(s, 0)], s >= 0 && s < i32(u.segments));
}`,
	}),
);

const sumOp = defineOp<{ values: Tensor1D; segment: Tensor1D }, { count: number }>('AnchorageSegmentSum', {
	webgpu: ({ values, segment }, { count }) => {
		const gpu = recorder();
		const sums = gpu.allocate([count]);
		gpu.record(sumProgram(), [values, segment, sums], [axis(values, 0)], [count]);
		return [sums];
	},
	stock: ({ values, segment }, { count }) => [segmentSumStock(values, segment, count)],
});

const gatherOp = defineOp<{ dsums: Tensor1D; segment: Tensor1D }, object>('AnchorageSegmentGather', {
	webgpu: ({ dsums, segment }) => {
		const gpu = recorder();
		const N = axis(segment, 0);
		const dvalues = gpu.allocate([N]);
		gpu.record(gatherProgram(), [dsums, segment, dvalues], [N, axis(dsums, 0)], [Math.ceil(N / WORKGROUP)]);
		return [dvalues];
	},
	stock: ({ dsums, segment }) => [segmentGatherStock(dsums, segment)],
});

/**
 * @param values  [N]
 * @param segment int32 [N] in [0, count); −1 marks a value without a segment
 * @returns       [count]
 */
export function segmentSum(values: Tensor1D, segment: Tensor1D, count: number): Tensor1D {
	expectShape('segmentSum', 'segment', segment, [axis(values, 0)]);
	return output1D(sumOp({ values, segment }, { count }), 0);
}

/**
 * Gradient of {@link segmentSum}.
 *
 * @param dsums   [count]
 * @param segment int32 [N]
 * @returns       [N], 0 if the segment is −1
 */
export function segmentGather(dsums: Tensor1D, segment: Tensor1D): Tensor1D {
	return output1D(gatherOp({ dsums, segment }, {}), 0);
}
