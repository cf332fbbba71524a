/** AdamW's update of a step as the sum of its parts: the gradient through chosen, through rejected, and earlier steps' momentum. */
import { UPDATE_PARTS, type UpdatePart } from '#core/loss/attribution.ts';
import type { AdamWOptions } from '#engine/kernels/adamW/options.ts';

/** [P] each. Their sum is AdamW's first moment. */
export type SplitMoment = Record<UpdatePart, Float32Array>;

export interface SplitState {
	params: Float32Array<ArrayBuffer>;
	/** In place after each step. */
	m: SplitMoment;
	v: Float32Array;
}

/** Gradients of a step's loss through one side each, [P], before clipping. */
export interface SideGradients {
	chosen: Float32Array;
	rejected: Float32Array;
}

/** A state whose first moment is all from earlier steps. */
export function splitState(params: Float32Array<ArrayBuffer>, m: Float32Array, v: Float32Array): SplitState {
	const none = (): Float32Array => new Float32Array(params.length);
	return { params, m: { earlier: m.slice(), chosen: none(), rejected: none() }, v: v.slice() };
}

/**
 * One step: changes the moments in place and leaves the parameters.
 *
 * @returns the update of each part, [P]; and `all`, which also has the weight decay: params + all are the parameters after the step
 * @source  the formula of engine/kernels/adamW, which is linear in the first moment
 */
export function splitUpdate(
	{ params, m, v }: SplitState,
	gradients: SideGradients,
	options: AdamWOptions,
): Record<UpdatePart | 'all', Float32Array> {
	const { lr, beta1, beta2, eps, weightDecay, step, maxGradNorm } = options;
	const clip = clipFactor(gradients, maxGradNorm);
	const updates = {
		chosen: new Float32Array(params.length),
		rejected: new Float32Array(params.length),
		earlier: new Float32Array(params.length),
		all: new Float32Array(params.length),
	};
	const stepSize = lr / (1 - beta1 ** step);
	const correction = 1 / (1 - beta2 ** step);
	for (let i = 0; i < params.length; i++) {
		const chosen = (gradients.chosen[i] ?? 0) * clip;
		const rejected = (gradients.rejected[i] ?? 0) * clip;
		m.earlier[i] = beta1 * (m.earlier[i] ?? 0);
		m.chosen[i] = beta1 * (m.chosen[i] ?? 0) + (1 - beta1) * chosen;
		m.rejected[i] = beta1 * (m.rejected[i] ?? 0) + (1 - beta1) * rejected;
		v[i] = beta2 * (v[i] ?? 0) + (1 - beta2) * (chosen + rejected) ** 2;
		const rate = -stepSize / (Math.sqrt((v[i] ?? 0) * correction) + eps);
		let sum = -lr * weightDecay * (params[i] ?? 0);
		for (const part of UPDATE_PARTS) {
			const update = rate * (m[part][i] ?? 0);
			updates[part][i] = update;
			sum += update;
		}
		updates.all[i] = sum;
	}
	return updates;
}

function clipFactor({ chosen, rejected }: SideGradients, maxGradNorm: number): number {
	if (maxGradNorm === 0) return 1;
	let squares = 0;
	for (let i = 0; i < chosen.length; i++) squares += ((chosen[i] ?? 0) + (rejected[i] ?? 0)) ** 2;
	return Math.min(1, maxGradNorm / (Math.sqrt(squares) + 1e-6));
}
