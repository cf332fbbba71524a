/** Operations fused into a linear layer of few rows. */
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';

export interface DecodeLinearOptions {
	/** RMSNorm of x before the product. */
	readonly norm?: { readonly weight: Tensor1D; readonly eps: number } | undefined;
	/** [N] */
	readonly bias?: Tensor1D | undefined;
	/** [B, N], added to y. */
	readonly residual?: Tensor2D | undefined;
	/** The rows of W are N/2 gates, then N/2 ups. */
	readonly swiglu?: boolean | undefined;
}
