/** AdamW with clipping by global norm, in f64, as in torch. */
import { at } from '#core/math/at.ts';

export interface AdamWReferenceState {
	params: Float64Array;
	m: Float64Array;
	v: Float64Array;
}

export interface AdamWReferenceOptions {
	lr: number;
	beta1: number;
	beta2: number;
	eps: number;
	weightDecay: number;
	/** Counted from 1. */
	step: number;
	/** 0: no clipping. */
	maxGradNorm: number;
}

/**
 * g ← g · min(1, maxGradNorm / (‖g‖ + 1e-6));  p ← p·(1 − lr·wd);  m ← β1·m + (1−β1)·g;  v ← β2·v + (1−β2)·g²;
 * p ← p − lr · (m / (1−β1ᵗ)) / (√(v / (1−β2ᵗ)) + eps).
 *
 * @returns ‖g‖² before clipping
 */
export function adamWReference(
	state: AdamWReferenceState,
	grads: ArrayLike<number>,
	options: AdamWReferenceOptions,
): number {
	const { lr, beta1, beta2, eps, weightDecay, step, maxGradNorm } = options;
	const normSq = Array.from(grads).reduce((sum, g) => sum + g * g, 0);
	const clip = maxGradNorm > 0 ? Math.min(1, maxGradNorm / (Math.sqrt(normSq) + 1e-6)) : 1;
	for (let i = 0; i < grads.length; i++) {
		const g = at(grads, i) * clip;
		const m = beta1 * at(state.m, i) + (1 - beta1) * g;
		const v = beta2 * at(state.v, i) + (1 - beta2) * g * g;
		state.m[i] = m;
		state.v[i] = v;
		const update = m / (1 - beta1 ** step) / (Math.sqrt(v / (1 - beta2 ** step)) + eps);
		state.params[i] = at(state.params, i) * (1 - lr * weightDecay) - lr * update;
	}
	return normSq;
}
