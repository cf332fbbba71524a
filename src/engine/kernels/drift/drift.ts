/**
 * Adds a batch's share to the drift of the policy from its reference: the mean log-ratio over mismatched completions.
 *
 *   sum = before + scale·Σ_s (policy[s] − reference[s])
 *
 * One micro-batch adds to the sum of those before it, so that the objective's gradient needs no readback. Grid: one thread, because
 * a step has few completions. The order of summation is fixed.
 *
 * @reference drift.reference.ts (f64) · test: tests/gpu/drift.test.ts
 */
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { axis, defineOp, expectShape, output1D } from '../../op.ts';
import { recorder } from '../../gpu/record.ts';
import { memoized, program } from '../../gpu/wgsl.ts';
import { driftStock } from './drift.stock.ts';

const driftProgram = memoized(() =>
	program('drift', {
		bindings: [
			['policy', 'read', 'f32'],
			['reference', 'read', 'f32'],
			['before', 'read', 'f32'],
			['sum', 'write', 'f32'],
		],
		uniforms: [
			['segments', 'u32'],
			['scale', 'f32'],
		],
		body: /* wgsl */ `
@compute @workgroup_size(1)
fn main() {
	var ratio = 0.0;
	for (var s = 0u; s < u.segments; s++) { ratio += policy[s] - reference[s]; }
	sum[0] = before[0] + u.scale * ratio;
}`,
	}),
);

type Inputs = Record<'policy' | 'reference' | 'before', Tensor1D>;

const op = defineOp<Inputs, { scale: number }>('AnchorageDrift', {
	webgpu: ({ policy, reference, before }, { scale }) => {
		const gpu = recorder();
		const sum = gpu.allocate([1]);
		gpu.record(driftProgram(), [policy, reference, before, sum], [axis(policy, 0), scale], [1]);
		return [sum];
	},
	stock: ({ policy, reference, before }, { scale }) => [driftStock(policy, reference, before, scale)],
});

/**
 * @param policy    [S] nats, of mismatched completions
 * @param reference [S] the same with the adapter off
 * @param before    [1] the sum so far
 * @param scale     1 / mismatched completions of the step
 * @returns         [1]
 */
export function addDrift(policy: Tensor1D, reference: Tensor1D, before: Tensor1D, scale: number): Tensor1D {
	expectShape('drift', 'reference', reference, [axis(policy, 0)]);
	expectShape('drift', 'before', before, [1]);
	return output1D(op({ policy, reference, before }, { scale }), 0);
}
