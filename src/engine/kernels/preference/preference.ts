/**
 * The objective's gradient with respect to the summed log-probabilities, so that the step needs no readback in its middle.
 *
 *   r = β·(logps − reference);   dlogps = scale·β·∂L/∂r            the losses themselves are computed on the host, in f64
 *
 * The formulas are those of core/loss/objectives.ts. Grid: one thread a pair. Traffic: a few hundred bytes.
 *
 * @reference preference.reference.ts (f64) · tests/gpu/preference.test.ts
 */
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { ShapeError } from '#core/errors.ts';
import type { ObjectiveId } from '#core/recipe/recipe.ts';
import { axis, defineOp, expectShape, output1D } from '../../op.ts';
import { recorder } from '../../gpu/record.ts';
import { memoized, program } from '../../gpu/wgsl.ts';
import type { PreferenceOptions } from './options.ts';
import { preferenceGradStock } from './preference.stock.ts';

const WORKGROUP = 64;

/** β·∂L/∂(r_w, r_l) as a vec2f of `w`, `l` (the rewards) and `u.beta`. */
const GRADIENTS: Readonly<Record<ObjectiveId, string>> = {
	apo_zero: 'u.beta * vec2f(-slope(w), slope(l))',
	apo_down: 'u.beta * vec2f(slope(w) - slope(w - l), slope(w - l))',
	dpo: 'u.beta * sigmoid(l - w) * vec2f(-1.0, 1.0)',
	sft: 'vec2f(-1.0, 0.0)',
};

const gradProgram = memoized((objective: ObjectiveId) =>
	program(`preferenceGrad ${objective}`, {
		bindings: [
			['logps', 'read', 'f32'],
			['reference', 'read', 'f32'],
			['dlogps', 'write', 'f32'],
		],
		uniforms: [
			['pairs', 'u32'],
			['beta', 'f32'],
			['scale', 'f32'],
		],
		body: /* wgsl */ `
// Through exp(−|x|), which cannot overflow.
fn sigmoid(x : f32) -> f32 { let e = exp(-abs(x)); return select(e, 1.0, x >= 0.0) / (1.0 + e); }
fn slope(x : f32) -> f32 { return sigmoid(x) * sigmoid(-x); }

@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id : vec3u) {
	if (id.x == u.pairs) { dlogps[2u * u.pairs] = 0.0; }
	if (id.x >= u.pairs) { return; }
	let c = 2u * id.x;
	let w = u.beta * (logps[c] - reference[c]);
	let l = u.beta * (logps[c + 1u] - reference[c + 1u]);
	let d = u.scale * (${GRADIENTS[objective]});
	dlogps[c] = d.x;
	dlogps[c + 1u] = d.y;
}`,
	}),
);

const op = defineOp<{ logps: Tensor1D; reference: Tensor1D }, PreferenceOptions>('AnchoragePreferenceGrad', {
	webgpu: ({ logps, reference }, { objective, beta, scale }) => {
		const gpu = recorder();
		const segments = axis(logps, 0);
		const pairs = (segments - 1) / 2;
		const dlogps = gpu.allocate([segments]);
		gpu.record(
			gradProgram(objective),
			[logps, reference, dlogps],
			[pairs, beta, scale],
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
