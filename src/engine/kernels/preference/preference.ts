/**
 * The objective's gradient with respect to the summed log-probabilities, so that the step needs no readback in its middle.
 *
 *   dlogps = scale·∂L/∂logps            the losses themselves are computed on the host, in f64
 *
 * The formulas are derived from the objective's expression. Grid: one thread a pair. Traffic: a few hundred bytes.
 *
 * @reference preference.reference.ts (f64) · tests/gpu/preference.test.ts
 */
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { ShapeError } from '#core/errors.ts';
import { objectiveOf } from '#core/loss/objectives/registry.ts';
import { axis, defineOp, expectShape, output1D } from '../../op.ts';
import { recorder } from '../../gpu/record.ts';
import { memoized, program } from '../../gpu/wgsl.ts';
import type { PreferenceOptions } from './options.ts';
import { preferenceGradStock } from './preference.stock.ts';

const WORKGROUP = 64;

const gradProgram = memoized((objective: string) => {
	const { helpers, chosen, rejected } = objectiveOf(objective).wgsl;
	return program(`preferenceGrad ${objective}`, {
		bindings: [
			['logps', 'read', 'f32'],
			['reference', 'read', 'f32'],
			['dlogps', 'write', 'f32'],
		],
		uniforms: [
			['pairs', 'u32'],
			['beta', 'f32'],
			['scale', 'f32'],
			['meanChosenTokens', 'f32'],
		],
		body: /* wgsl */ `
${helpers}

@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	if (id.x == u.pairs) { dlogps[2u * u.pairs] = 0.0; }
	if (id.x >= u.pairs) { return; }
	let c = 2u * id.x;
	let logp_w = logps[c];
	let logp_l = logps[c + 1u];
	let ref_w = reference[c];
	let ref_l = reference[c + 1u];
	let beta = u.beta;
	let mean_len_w = u.meanChosenTokens;
	let r_w = beta * (logp_w - ref_w);
	let r_l = beta * (logp_l - ref_l);
	dlogps[c] = u.scale * (${chosen});
	dlogps[c + 1u] = u.scale * (${rejected});
}`,
	});
});

const op = defineOp<{ logps: Tensor1D; reference: Tensor1D }, PreferenceOptions>('AnchoragePreferenceGrad', {
	webgpu: ({ logps, reference }, { objective, beta, scale, meanChosenTokens }) => {
		const gpu = recorder();
		const segments = axis(logps, 0);
		const pairs = (segments - 1) / 2;
		const dlogps = gpu.allocate([segments]);
		gpu.record(
			gradProgram(objective),
			[logps, reference, dlogps],
			[pairs, beta, scale, meanChosenTokens],
			[Math.ceil((pairs + 1) / WORKGROUP)],
		);
		return [dlogps];
	},
	stock: ({ logps, reference }, options) => [preferenceGradStock(logps, reference, options)],
});

/**
 * @param logps     [2·pairs + 1] nats: 2i is pair i's chosen, 2i + 1 its rejected, the last entry padding
 * @param reference the same with the adapter off
 * @returns         ∂(scale·Σ L)/∂logps [2·pairs + 1], 0 for the padding
 * @throws          ShapeError
 */
export function preferenceGrad(logps: Tensor1D, reference: Tensor1D, options: PreferenceOptions): Tensor1D {
	const segments = axis(logps, 0);
	expectShape('preferenceGrad', 'reference', reference, [segments]);
	if (segments % 2 !== 1) {
		throw new ShapeError(
			`preferenceGrad: logps must hold two sides a pair and one padding entry, got ${segments}.`,
			{
				code: 'preference-segments',
			},
		);
	}
	return output1D(op({ logps, reference }, options), 0);
}
