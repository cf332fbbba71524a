/**
 * Qwen3's RMSNorm on every head of q and k, between the projection and the rotation, and its gradient.
 *
 * It is composed of the engine's norm and tfjs's slices, so a model with head norms takes a few more
 * dispatches per layer.
 */
import { rmsNorm, rmsNormGrad } from '#engine/kernels/rmsNorm/rmsNorm.ts';
import { concat, reshape, slice, tidy, type Tensor1D, type Tensor2D } from '#engine/tensor.ts';
import type { ModelConfig } from '#core/model/model.ts';

/** Weights [D] each, and their epsilon, both for padded heads (padding.ts). */
export interface HeadNorms {
	q: Tensor1D;
	k: Tensor1D;
	eps: number;
}

type Shape = Pick<ModelConfig, 'heads' | 'kvHeads' | 'headDim'>;

/** @param qkv [T, (H + 2G)·D] @returns a copy with every head of q and k normed; v is unchanged */
export function normHeads(qkv: Tensor2D, norms: HeadNorms, shape: Shape): Tensor2D {
	return eachPart(qkv, qkv, shape, {
		q: (x) => rmsNorm(x, norms.q, norms.eps),
		k: (x) => rmsNorm(x, norms.k, norms.eps),
	});
}

/** Gradient of {@link normHeads}. @param d [T, (H + 2G)·D] at its result @param qkv its input */
export function normHeadsGrad(d: Tensor2D, qkv: Tensor2D, norms: HeadNorms, shape: Shape): Tensor2D {
	return eachPart(d, qkv, shape, {
		q: (dy, x) => rmsNormGrad(dy, x, norms.q, norms.eps),
		k: (dy, x) => rmsNormGrad(dy, x, norms.k, norms.eps),
	});
}

/** Runs `work` on the heads of q and of k, one head per row; v is copied from `a`. */
function eachPart(
	a: Tensor2D,
	b: Tensor2D,
	{ heads, kvHeads, headDim: D }: Shape,
	work: Record<'q' | 'k', (a: Tensor2D, b: Tensor2D) => Tensor2D>,
): Tensor2D {
	return tidy(() => {
		const [T] = a.shape;
		const part = (x: Tensor2D, from: number, count: number): Tensor2D =>
			slice(x, [0, from * D], [T, count * D]);
		const rows = (x: Tensor2D, from: number, count: number): Tensor2D =>
			reshape(part(x, from, count), [T * count, D]);
		const q = work.q(rows(a, 0, heads), rows(b, 0, heads));
		const k = work.k(rows(a, heads, kvHeads), rows(b, heads, kvHeads));
		const v = part(a, heads + kvHeads, kvHeads);
		return concat([reshape(q, [T, heads * D]), reshape(k, [T, kvHeads * D]), v], 1);
	});
}
